// SPDX-License-Identifier: GPL-2.0-or-later
// NEST's own neuron models whose variables can be recorded, with those that have a parameter I_e.
#pragma once

#include "kernel.h"

#include "aeif_cond_alpha.h"
#include "aeif_cond_alpha_astro.h"
#include "aeif_cond_alpha_multisynapse.h"
#include "aeif_cond_beta_multisynapse.h"
#include "aeif_cond_exp.h"
#include "aeif_psc_alpha.h"
#include "aeif_psc_delta.h"
#include "aeif_psc_delta_clopath.h"
#include "aeif_psc_exp.h"
#include "amat2_psc_exp.h"
#include "astrocyte_lr_1994.h"
#include "eprop_iaf.h"
#include "eprop_iaf_adapt.h"
#include "eprop_iaf_adapt_bsshslm_2020.h"
#include "eprop_iaf_bsshslm_2020.h"
#include "eprop_iaf_psc_delta.h"
#include "eprop_iaf_psc_delta_adapt.h"
#include "eprop_readout.h"
#include "eprop_readout_bsshslm_2020.h"
#include "erfc_neuron.h"
#include "gauss_rate.h"
#include "gif_cond_exp.h"
#include "gif_cond_exp_multisynapse.h"
#include "gif_pop_psc_exp.h"
#include "gif_psc_exp.h"
#include "gif_psc_exp_multisynapse.h"
#include "ginzburg_neuron.h"
#include "glif_cond.h"
#include "glif_psc.h"
#include "glif_psc_double_alpha.h"
#include "hh_cond_beta_gap_traub.h"
#include "hh_cond_exp_traub.h"
#include "hh_psc_alpha.h"
#include "hh_psc_alpha_clopath.h"
#include "hh_psc_alpha_gap.h"
#include "ht_neuron.h"
#include "iaf_bw_2001_exact.h"
#include "iaf_chs_2007.h"
#include "iaf_chxk_2008.h"
#include "iaf_cond_alpha.h"
#include "iaf_cond_alpha_mc.h"
#include "iaf_cond_beta.h"
#include "iaf_cond_exp.h"
#include "iaf_cond_exp_sfa_rr.h"
#include "iaf_psc_alpha.h"
#include "iaf_psc_alpha_multisynapse.h"
#include "iaf_psc_alpha_ps.h"
#include "iaf_psc_delta.h"
#include "iaf_psc_delta_ps.h"
#include "iaf_psc_exp.h"
#include "iaf_psc_exp_htum.h"
#include "iaf_psc_exp_multisynapse.h"
#include "iaf_psc_exp_ps.h"
#include "iaf_psc_exp_ps_lossless.h"
#include "iaf_tum_2000.h"
#include "ignore_and_fire.h"
#include "izhikevich.h"
#include "lin_rate.h"
#include "mat2_psc_exp.h"
#include "mcculloch_pitts_neuron.h"
#include "pp_cond_exp_mc_urbanczik.h"
#include "pp_psc_delta.h"
#include "siegert_neuron.h"
#include "sigmoid_rate.h"
#include "sigmoid_rate_gg_1998.h"
#include "tanh_rate.h"
#include "threshold_lin_rate.h"

// Its class needs nothing of Boost, but is hidden without it.
#define HAVE_BOOST 1
#include "iaf_bw_2001.h"
#undef HAVE_BOOST

// clang-format off
#define FUSION_MODELS( RECORDED, DRIVEN, RECEPTORS, DRIVEN_RECEPTORS ) \
  DRIVEN( aeif_cond_alpha ) DRIVEN( aeif_cond_alpha_astro ) DRIVEN_RECEPTORS( aeif_cond_alpha_multisynapse ) \
  DRIVEN_RECEPTORS( aeif_cond_beta_multisynapse ) DRIVEN( aeif_cond_exp ) DRIVEN( aeif_psc_alpha ) \
  DRIVEN( aeif_psc_delta ) DRIVEN( aeif_psc_delta_clopath ) DRIVEN( aeif_psc_exp ) DRIVEN( amat2_psc_exp ) \
  RECORDED( astrocyte_lr_1994 ) DRIVEN( eprop_iaf ) DRIVEN( eprop_iaf_adapt ) \
  DRIVEN( eprop_iaf_adapt_bsshslm_2020 ) DRIVEN( eprop_iaf_bsshslm_2020 ) DRIVEN( eprop_iaf_psc_delta ) \
  DRIVEN( eprop_iaf_psc_delta_adapt ) DRIVEN( eprop_readout ) DRIVEN( eprop_readout_bsshslm_2020 ) \
  RECORDED( erfc_neuron ) RECORDED( gauss_rate_ipn ) DRIVEN( gif_cond_exp ) DRIVEN( gif_cond_exp_multisynapse ) \
  DRIVEN( gif_pop_psc_exp ) DRIVEN( gif_psc_exp ) DRIVEN( gif_psc_exp_multisynapse ) \
  RECORDED( ginzburg_neuron ) RECEPTORS( glif_cond ) RECORDED( glif_psc ) RECORDED( glif_psc_double_alpha ) \
  DRIVEN( hh_cond_beta_gap_traub ) DRIVEN( hh_cond_exp_traub ) DRIVEN( hh_psc_alpha ) \
  DRIVEN( hh_psc_alpha_clopath ) DRIVEN( hh_psc_alpha_gap ) RECORDED( ht_neuron ) RECORDED( iaf_bw_2001 ) \
  RECORDED( iaf_bw_2001_exact ) RECORDED( iaf_chs_2007 ) DRIVEN( iaf_chxk_2008 ) DRIVEN( iaf_cond_alpha ) \
  RECORDED( iaf_cond_alpha_mc ) DRIVEN( iaf_cond_beta ) DRIVEN( iaf_cond_exp ) DRIVEN( iaf_cond_exp_sfa_rr ) \
  DRIVEN( iaf_psc_alpha ) DRIVEN_RECEPTORS( iaf_psc_alpha_multisynapse ) DRIVEN( iaf_psc_alpha_ps ) \
  DRIVEN( iaf_psc_delta ) DRIVEN( iaf_psc_delta_ps ) DRIVEN( iaf_psc_exp ) DRIVEN( iaf_psc_exp_htum ) \
  DRIVEN_RECEPTORS( iaf_psc_exp_multisynapse ) DRIVEN( iaf_psc_exp_ps ) DRIVEN( iaf_psc_exp_ps_lossless ) \
  DRIVEN( iaf_tum_2000 ) RECORDED( ignore_and_fire ) DRIVEN( izhikevich ) RECORDED( lin_rate_ipn ) \
  RECORDED( lin_rate_opn ) DRIVEN( mat2_psc_exp ) RECORDED( mcculloch_pitts_neuron ) \
  RECORDED( pp_cond_exp_mc_urbanczik ) DRIVEN( pp_psc_delta ) RECORDED( rate_transformer_gauss ) \
  RECORDED( rate_transformer_lin ) RECORDED( rate_transformer_sigmoid ) \
  RECORDED( rate_transformer_sigmoid_gg_1998 ) RECORDED( rate_transformer_tanh ) \
  RECORDED( rate_transformer_threshold_lin ) RECORDED( siegert_neuron ) RECORDED( sigmoid_rate_gg_1998_ipn ) \
  RECORDED( sigmoid_rate_ipn ) RECORDED( tanh_rate_ipn ) RECORDED( tanh_rate_opn ) \
  RECORDED( threshold_lin_rate_ipn ) RECORDED( threshold_lin_rate_opn )
// clang-format on
