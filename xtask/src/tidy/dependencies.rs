//! Who may import whom.

use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand};

use super::Violation;

/// A package of ours, and those of ours that it may depend on. A package without a row is a violation: a new
/// room in the house is decided here first.
const ROOMS: &[(&str, &[&str])] = &[
    ("gannet-allocator", &[]),
    ("gannet-engine", &[]),
    ("gannet-schema", &[]),
    ("gannet-manager", &["gannet-engine", "gannet-schema"]),
    ("gannet-server", &["gannet-manager", "gannet-schema"]),
    (
        "gannet-cli",
        &[
            "gannet-allocator",
            "gannet-engine",
            "gannet-manager",
            "gannet-server",
            "gannet-schema",
        ],
    ),
    (
        "gannet-desktop",
        &[
            "gannet-allocator",
            "gannet-manager",
            "gannet-server",
            "gannet-schema",
        ],
    ),
    ("gannet-testkit", &["gannet-allocator", "gannet-engine"]),
    ("xtask", &["gannet-engine", "gannet-schema", "gannet-testkit"]),
];

/// Nothing that ships may hold it; tests and benches of every package may.
const TEST_ONLY: &str = "gannet-testkit";

/// A package of the workspace with what it depends on.
pub(super) struct Package {
    pub(super) name: String,
    /// Its Cargo.toml, relative to the workspace's root.
    pub(super) manifest: String,
    /// Names of all dependencies, ours and foreign.
    pub(super) dependencies: Vec<(String, DependencyKind)>,
}

/// Reads the packages of the workspace; fails where Cargo.lock does not fit the manifests.
pub(super) fn edges(root: &Path) -> Result<Vec<Package>> {
    let metadata = MetadataCommand::new()
        .current_dir(root)
        .other_options(["--locked".to_owned()])
        .exec()
        .context("cargo metadata failed; if Cargo.lock is out of date, run `cargo metadata` and commit it")?;
    let relative = |manifest: &cargo_metadata::camino::Utf8Path| {
        let path = manifest
            .strip_prefix(&metadata.workspace_root)
            .unwrap_or(manifest);
        path.as_str().replace('\\', "/")
    };
    Ok(metadata
        .workspace_packages()
        .into_iter()
        .map(|package| Package {
            name: package.name.to_string(),
            manifest: relative(&package.manifest_path),
            dependencies: package
                .dependencies
                .iter()
                .map(|dependency| (dependency.name.clone(), dependency.kind))
                .collect(),
        })
        .collect())
}

pub(super) fn check(packages: &[Package]) -> Vec<Violation> {
    packages
        .iter()
        .flat_map(|package| check_package(package, packages))
        .collect()
}

fn check_package(package: &Package, packages: &[Package]) -> Vec<Violation> {
    let complain = |message: String| Violation::new(&package.manifest, 1, message);
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == package.name) else {
        return vec![complain(format!(
            "{} has no row in xtask/src/tidy/dependencies.rs",
            package.name
        ))];
    };
    let is_ours = |name: &str| packages.iter().any(|other| other.name == name);
    package
        .dependencies
        .iter()
        .filter(|(name, kind)| {
            let is_for_tests = *kind == DependencyKind::Development && name == TEST_ONLY;
            is_ours(name) && !is_for_tests && !allowed.contains(&name.as_str())
        })
        .map(|(name, _)| complain(format!("{} must not depend on {name}", package.name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, DependencyKind)]) -> Package {
        Package {
            name: name.to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            dependencies: dependencies
                .iter()
                .map(|(name, kind)| ((*name).to_owned(), *kind))
                .collect(),
        }
    }

    fn messages(packages: &[Package]) -> Vec<String> {
        check(packages)
            .into_iter()
            .map(|violation| violation.message)
            .collect()
    }

    #[test]
    fn the_engine_may_use_strangers_but_nothing_of_ours() {
        let schema = package("gannet-schema", &[("serde", DependencyKind::Normal)]);
        let engine = package(
            "gannet-engine",
            &[
                ("reqwest", DependencyKind::Normal),
                ("gannet-schema", DependencyKind::Normal),
            ],
        );
        assert_eq!(
            messages(&[schema, engine]),
            ["gannet-engine must not depend on gannet-schema"]
        );
    }

    #[test]
    fn the_testkit_serves_tests_and_never_ships() {
        let testkit = package("gannet-testkit", &[]);
        let tests = package(
            "gannet-engine",
            &[("gannet-testkit", DependencyKind::Development)],
        );
        let ships = package("gannet-cli", &[("gannet-testkit", DependencyKind::Normal)]);
        assert_eq!(
            messages(&[testkit, tests, ships]),
            ["gannet-cli must not depend on gannet-testkit"]
        );
    }

    #[test]
    fn a_package_that_nobody_placed_is_named() {
        let messages = messages(&[package("gannet-annexe", &[])]);
        assert_eq!(messages.len(), 1);
        assert!(messages[0].starts_with("gannet-annexe has no row"));
    }
}
