// SPDX-License-Identifier: GPL-2.0-or-later
// Samples that go into NEST's nodes and come out of them, a row a tick.
#pragma once

#include "array.h"
#include "group.h"
#include "queue.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace fusion
{

// Samples for I_e, which stand from the end of their tick on.
class Levels
{
public:
  explicit Levels( const Group& group )
    : nodes_( group.nodes )
    , writer_( group.writer() )
  {
  }

  // The rows stay where they are; the array is let go of by a push after its last tick.
  void
  push( long t0, std::unique_ptr< Array< const double > > values, long now )
  {
    std::erase_if( kept_, [ now ]( const auto& one ) { return one.first <= now; } );
    const long n = nodes_.size(), rows = values->size() / n;
    for ( long row = 0; row < rows; ++row )
    {
      rows_.put( t0 + row, values->begin() + row * n );
    }
    kept_.emplace_back( t0 + rows - 1, std::move( values ) );
  }

  void
  deliver( long tick )
  {
    const double* row;
    if ( rows_.take( tick, row ) )
    {
      writer_->write( nodes_, row );
    }
  }

private:
  Nodes nodes_;
  std::unique_ptr< Writer > writer_;
  Agenda< const double* > rows_;
  std::vector< std::pair< long, std::unique_ptr< Array< const double > > > > kept_; // by their last tick
};

// A subscribed variable, sampled at the end of each tick into rows that wait to be taken.
class Trace
{
public:
  Trace( Nodes nodes, const Reader& reader )
    : nodes_( std::move( nodes ) )
    , reader_( reader )
  {
  }

  void
  sample()
  {
    const size_t end = rows_.size();
    rows_.resize( end + nodes_.size() );
    reader_.read( nodes_, rows_.data() + end );
  }

  // Hand out the rows that fit, and forget the others: those of a tick that failed.
  void
  take( const Array< double >& out )
  {
    if ( out.size() > static_cast< long >( rows_.size() ) )
    {
      throw std::runtime_error( "more samples are asked for than were taken" );
    }
    std::copy_n( rows_.begin(), out.size(), out.begin() );
    rows_.clear();
  }

private:
  Nodes nodes_;
  const Reader& reader_;
  std::vector< double > rows_;
};

}
