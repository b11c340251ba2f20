//! The TypeScript twin of this crate, one file.

use crate::commands::{CommandVisitor, visit_desk_types, visit_types};
use crate::types::Event;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use ts_rs::{Config, TS, TypeVisitor};

/// The text of `ui/src/ipc/generated/api.ts`.
///
/// Made from the types of every command and event; the same input always gives the same text.
pub fn typescript() -> String {
    // JSON numbers are what crosses the border; ids and sizes stay far below 2^53.
    let config = Config::new().with_large_int("number");
    let mut types = Declarations { config: &config, found: BTreeMap::new() };
    let mut commands = CommandTable { types: &mut types, table: String::new() };
    visit_types(&mut commands);
    visit_desk_types(&mut commands);
    let table = commands.table;
    types.visit::<Event>();

    let mut out = String::from(
        "// Generated from crates/api by `cargo xtask codegen`. Do not edit: change the Rust types instead.\n\n",
    );
    for declaration in types.found.values() {
        let _ = writeln!(out, "{declaration}\n");
    }
    let _ = writeln!(
        out,
        "/** Every command with what it takes and what it gives. */\nexport interface Commands {{\n{table}}}"
    );
    out.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

struct CommandTable<'a, 'c> {
    types: &'a mut Declarations<'c>,
    table: String,
}

impl CommandVisitor for CommandTable<'_, '_> {
    fn command<Request: TS + 'static, Response: TS + 'static>(&mut self, name: &str, doc: &str) {
        self.types.visit::<Request>();
        self.types.visit::<Response>();
        let (request, response) = (Request::name(self.types.config), Response::name(self.types.config));
        let doc = doc.trim();
        let _ =
            writeln!(self.table, "  /** {doc} */\n  {name}: {{ request: {request}; response: {response} }};");
    }
}

struct Declarations<'c> {
    config: &'c Config,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Built-in types have no file of their own, but carry types that have.
        if T::output_path().is_some() {
            let name = T::ident(self.config);
            if self.found.contains_key(&name) {
                return;
            }
            let docs = T::docs().unwrap_or_default();
            self.found.insert(name, format!("{docs}export {}", T::decl(self.config)));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}
