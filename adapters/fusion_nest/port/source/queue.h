// SPDX-License-Identifier: GPL-2.0-or-later
// What waits for its tick.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fusion
{

// Things by their tick. They mostly come in the order in which they go; then nothing is searched or moved.
template < class T >
class Agenda
{
public:
  bool
  holds( long tick ) const
  {
    const auto found = find( tick );
    return found != entries_.size() and entries_[ found ].first == tick;
  }

  // Let a thing wait; what waited for that tick is replaced.
  void
  put( long tick, T thing )
  {
    const auto found = find( tick );
    if ( found != entries_.size() and entries_[ found ].first == tick )
    {
      entries_[ found ].second = std::move( thing );
    }
    else
    {
      entries_.emplace( entries_.begin() + found, tick, std::move( thing ) );
    }
  }

  // Hand out the thing of a tick, once; whether there is one. Ticks before it are over.
  bool
  take( long tick, T& thing )
  {
    while ( head_ < entries_.size() and entries_[ head_ ].first < tick )
    {
      ++head_;
    }
    const bool is_there = head_ < entries_.size() and entries_[ head_ ].first == tick;
    if ( is_there )
    {
      thing = std::move( entries_[ head_++ ].second );
    }
    // Each entry is moved once at most for each that has gone.
    if ( 2 * head_ >= entries_.size() )
    {
      entries_.erase( entries_.begin(), entries_.begin() + head_ );
      head_ = 0;
    }
    return is_there;
  }

private:
  // The place of the first entry of a tick or of later ones.
  size_t
  find( long tick ) const
  {
    if ( head_ == entries_.size() or entries_.back().first < tick )
    {
      return entries_.size();
    }
    const auto is_before = []( const std::pair< long, T >& entry, long wanted ) { return entry.first < wanted; };
    return std::lower_bound( entries_.begin() + head_, entries_.end(), tick, is_before ) - entries_.begin();
  }

  std::vector< std::pair< long, T > > entries_;
  size_t head_ = 0; // those before it are gone
};

// Rows of pairs of an index and a value.
class Queue
{
public:
  using Row = std::vector< std::pair< long, double > >;

  explicit Queue( long size )
    : size_( size )
  {
  }

  // Take rows in, all or none; the first tick that has its row already, or 0.
  long
  push( const long* ticks, const long* indices, const double* values, long n )
  {
    for ( long i = 0; i < n; ++i )
    {
      if ( indices[ i ] < 0 or indices[ i ] >= size_ )
      {
        throw std::runtime_error( "there is no neuron " + std::to_string( indices[ i ] ) );
      }
      if ( i > 0 and ticks[ i ] < ticks[ i - 1 ] )
      {
        throw std::runtime_error( "ticks descend" );
      }
      if ( ( i == 0 or ticks[ i ] != ticks[ i - 1 ] ) and agenda_.holds( ticks[ i ] ) )
      {
        return ticks[ i ];
      }
    }
    for ( long i = 0; i < n; )
    {
      const long tick = ticks[ i ];
      Row row = spare();
      for ( ; i < n and ticks[ i ] == tick; ++i )
      {
        row.emplace_back( indices[ i ], values[ i ] );
      }
      agenda_.put( tick, std::move( row ) );
    }
    return 0;
  }

  // Call with each pair of the row of a tick, once.
  template < class F >
  void
  take( long tick, F&& each )
  {
    Row row;
    if ( not agenda_.take( tick, row ) )
    {
      return;
    }
    for ( const auto& [ index, value ] : row )
    {
      each( index, value );
    }
    row.clear();
    spare_.push_back( std::move( row ) );
  }

private:
  Row
  spare()
  {
    if ( spare_.empty() )
    {
      return {};
    }
    Row row = std::move( spare_.back() );
    spare_.pop_back();
    return row;
  }

  long size_;
  Agenda< Row > agenda_;
  std::vector< Row > spare_; // rows that were taken; their memory serves the next
};

}
