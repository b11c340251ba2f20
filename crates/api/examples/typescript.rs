//! Prints the TypeScript twin of the API.
#![allow(clippy::print_stdout)]
fn main() {
    print!("{}", mailscope_api::typescript());
}
