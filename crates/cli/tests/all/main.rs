//! The programs, as a person calls them, with every bad input. One test program for all of them, so
//! that they share one trained run, and little is linked.

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
