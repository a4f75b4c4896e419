// SPDX-License-Identifier: GPL-2.0-or-later
// Variables of NEST's own models: what their multimeter records can be read from the nodes, and I_e written.
#pragma once

#include "kernel.h"
#include "node_models.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <typeindex>
#include <variant>
#include <vector>

namespace fusion
{

using Nodes = std::vector< nest::Node* >;

// One variable of nodes of one model.
struct Reader
{
  virtual ~Reader() = default;
  virtual void read( const Nodes& nodes, double* out ) const = 0;
};

// I_e of nodes of one model.
struct Writer
{
  virtual ~Writer() = default;
  virtual void write( const Nodes& nodes, const double* values ) const = 0;
};

template < class M >
struct StateReader : Reader
{
  double ( M::*get )() const;

  void
  read( const Nodes& nodes, double* out ) const override
  {
    for ( nest::Node* node : nodes )
    {
      *out++ = ( static_cast< const M* >( node )->*get )();
    }
  }
};

// How many elements the state of a node with receptors holds. A receptor gets its element when a run is prepared.
template < class State >
size_t
n_elements( const State& state )
{
  if constexpr ( requires { state.i_syn_; } )
  {
    return State::NUMBER_OF_FIXED_STATES_ELEMENTS + state.i_syn_.size();
  }
  else if constexpr ( requires { state.y2_syn_; } )
  {
    return State::NUMBER_OF_FIXED_STATES_ELEMENTS + state.y2_syn_.size();
  }
  else if constexpr ( requires { State::NUMBER_OF_RECORDABLES_ELEMENTS; } )
  {
    return State::NUMBER_OF_RECORDABLES_ELEMENTS + state.y_.size();
  }
  else
  {
    return state.y_.size();
  }
}

// Recordables that come and go with the receptors of a node.
template < class M, class Map, class State, class Element >
struct ReceptorReader : Reader
{
  Map map;
  State state;
  Element element;
  std::string name;

  void
  read( const Nodes& nodes, double* out ) const override
  {
    for ( nest::Node* node : nodes )
    {
      const auto& there = static_cast< M* >( node )->*map;
      const auto found = there.find( name );
      if ( found == there.end() )
      {
        throw std::runtime_error( "a node has no recordable " + name + " any more" );
      }
      const bool is_there = found->second.*element < n_elements( static_cast< M* >( node )->*state );
      *out++ = is_there ? found->second() : 0.0;
    }
  }
};

// Whatever else a status holds, as slow as PyNEST.
struct StatusReader : Reader
{
  std::string name;

  void
  read( const Nodes& nodes, double* out ) const override
  {
    for ( nest::Node* node : nodes )
    {
      const Dictionary status = node->get_status_base();
      const auto& value = status.at( name );
      if ( const double* real = std::get_if< double >( &value ) )
      {
        *out++ = *real;
      }
      else if ( const long* whole = std::get_if< long >( &value ) )
      {
        *out++ = static_cast< double >( *whole );
      }
      else
      {
        throw std::runtime_error( name + " is no number" );
      }
    }
  }
};

template < class M, class Parameters >
struct CurrentWriter : Writer
{
  Parameters parameters;

  void
  write( const Nodes& nodes, const double* values ) const override
  {
    for ( nest::Node* node : nodes )
    {
      auto& p = static_cast< M* >( node )->*parameters;
      if constexpr ( requires { p.I_e_; } )
      {
        p.I_e_ = *values++;
      }
      else
      {
        p.I_e = *values++;
      }
    }
  }
};

struct StatusWriter : Writer
{
  void
  write( const Nodes& nodes, const double* values ) const override
  {
    for ( nest::Node* node : nodes )
    {
      Dictionary status;
      status[ std::string( "I_e" ) ] = *values++;
      node->set_status_base( status );
    }
  }
};

struct Model
{
  const char* name;
  std::type_index type;
  size_t size;
  std::unique_ptr< Reader > ( *reader )( const std::string&, nest::Node* );
  std::unique_ptr< Writer > ( *writer )();
};

// The member of a tag is the private member of a model: the standard lets explicit instantiations name it.
template < class Tag, auto member >
struct Expose
{
  friend constexpr auto
  exposed( Tag )
  {
    return member;
  }
};

template < class M >
std::unique_ptr< Reader >
recorded( const nest::RecordablesMap< M >* map, const std::string& name )
{
  const auto found = map->find( name );
  if ( found == map->end() )
  {
    return nullptr;
  }
  auto reader = std::make_unique< StateReader< M > >();
  reader->get = found->second;
  return reader;
}

template < class M, class Map, class State, class Element >
std::unique_ptr< Reader >
recorded_by_receptor( Map map, State state, Element element, const std::string& name, nest::Node* node )
{
  if ( not( static_cast< M* >( node )->*map ).count( name ) )
  {
    return nullptr;
  }
  auto reader = std::make_unique< ReceptorReader< M, Map, State, Element > >();
  reader->map = map;
  reader->state = state;
  reader->element = element;
  reader->name = name;
  return reader;
}

template < class M, class Parameters >
std::unique_ptr< Writer >
make_writer( Parameters parameters )
{
  auto writer = std::make_unique< CurrentWriter< M, Parameters > >();
  writer->parameters = parameters;
  return writer;
}

inline std::unique_ptr< Writer >
no_writer()
{
  return nullptr;
}

#define FUSION_TAG( M, what, member )                           \
  struct what##_of_##M                                          \
  {                                                             \
    friend constexpr auto exposed( what##_of_##M );             \
  };                                                            \
  template struct Expose< what##_of_##M, &nest::member >;
#define FUSION_RECORDED( M ) FUSION_TAG( M, map, M::recordablesMap_ )
#define FUSION_DRIVEN( M ) FUSION_RECORDED( M ) FUSION_TAG( M, parameters, M::P_ )
#define FUSION_RECEPTORS( M ) \
  FUSION_RECORDED( M ) FUSION_TAG( M, state, M::S_ ) FUSION_TAG( M, element, DataAccessFunctor< nest::M >::elem_ )
#define FUSION_DRIVEN_RECEPTORS( M ) FUSION_RECEPTORS( M ) FUSION_TAG( M, parameters, M::P_ )
FUSION_MODELS( FUSION_RECORDED, FUSION_DRIVEN, FUSION_RECEPTORS, FUSION_DRIVEN_RECEPTORS )
#undef FUSION_RECORDED
#undef FUSION_DRIVEN
#undef FUSION_RECEPTORS
#undef FUSION_DRIVEN_RECEPTORS

inline const std::vector< Model >&
models()
{
#define FUSION_ENTRY( M ) #M, typeid( nest::M ), sizeof( nest::M )
#define FUSION_READER( M ) \
  []( const std::string& name, nest::Node* ) { return recorded< nest::M >( exposed( map_of_##M {} ), name ); }
#define FUSION_RECEPTOR_READER( M )                                             \
  []( const std::string& name, nest::Node* node ) {                             \
    return recorded_by_receptor< nest::M >(                                     \
      exposed( map_of_##M {} ), exposed( state_of_##M {} ), exposed( element_of_##M {} ), name, node ); \
  }
#define FUSION_WRITER( M ) [] { return make_writer< nest::M >( exposed( parameters_of_##M {} ) ); }
#define FUSION_RECORDED( M ) { FUSION_ENTRY( M ), FUSION_READER( M ), no_writer },
#define FUSION_DRIVEN( M ) { FUSION_ENTRY( M ), FUSION_READER( M ), FUSION_WRITER( M ) },
#define FUSION_RECEPTORS( M ) { FUSION_ENTRY( M ), FUSION_RECEPTOR_READER( M ), no_writer },
#define FUSION_DRIVEN_RECEPTORS( M ) { FUSION_ENTRY( M ), FUSION_RECEPTOR_READER( M ), FUSION_WRITER( M ) },
  static const std::vector< Model > all {
    FUSION_MODELS( FUSION_RECORDED, FUSION_DRIVEN, FUSION_RECEPTORS, FUSION_DRIVEN_RECEPTORS )
  };
  return all;
}

// The model of a node; null if it is none of NEST's own with recordables.
inline const Model*
model_of( const nest::Node& node )
{
  const std::type_index type( typeid( node ) );
  for ( const Model& model : models() )
  {
    if ( model.type == type )
    {
      return &model;
    }
  }
  return nullptr;
}

}
