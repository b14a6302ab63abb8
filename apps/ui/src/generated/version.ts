// Written by `cargo xtask codegen` from crates/gannet-schema. Changes here are lost.

/** The version of this vocabulary; a face and an owner that differ say so instead of misunderstanding each other. */
export const SCHEMA_VERSION = 2;
