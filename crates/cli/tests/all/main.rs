//! Tests of the programs from the command line, with every kind of wrong input. They are one test
//! program, because they share one trained run and linking is slow.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_config;
mod bad_data;
mod bad_run;
mod corpus_program;
mod doctor;
mod evaluate;
mod explore;
mod import_program;
mod journey;
mod programs;
mod recurrent;
mod resume;
mod runs_program;
mod seeds;
mod terminal;
