/**
 * What the package `rollcall` says of itself, and the files that travel with it; the same for the sources as they stand
 * here, for a package that was installed, and for a server's image.
 */
import { readFileSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { dirname, join } from "node:path"

const manifest = findPackageJSON(import.meta.url) ?? ""

export const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string }

/** Where the verifier of exports stands: a program of its own, which is copied and never run from here. */
export const exportVerifier = join(dirname(manifest), "bin/verify-export.mjs")
