//! The server over real sockets: what it is for, and every attack that it is to withstand.

mod attacks;
mod bounds;
mod house;
mod life;
mod listening;
mod login;
mod page;
mod wire;
