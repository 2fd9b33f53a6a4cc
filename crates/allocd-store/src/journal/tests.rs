//! The journal on a disk that can lose power, rot and be cut.

mod chance;
mod cuts;
mod damage;
mod faulty;
mod size;
mod story;
