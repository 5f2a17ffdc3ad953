#!/usr/bin/env node
// Starts Rollcall on a Node that can run it. The sources are TypeScript, which Node runs by itself from 22.19 on; on an
// older one the Node that travels with this repository (the npm package `node`) takes over, in the same terminal.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import * as nodeModule from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { setFlagsFromString } from "node:v8"

const [major, minor] = process.versions.node.split(".").map(Number)
const here = dirname(fileURLToPath(import.meta.url))

const carriedNode = () => {
  const name = process.platform === "win32" ? "node.exe" : "node"
  for (let folder = here; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", "node", "bin", name)
    if (existsSync(candidate)) return candidate
    if (dirname(folder) === folder) return undefined
  }
}

// Left to itself V8 lets the heap grow to several times what is in use before it collects. A roster of 300,000 people is
// read beside a database and other programs on the same machine: collect earlier; it costs some time, not much.
setFlagsFromString("--heap-growing-percent=20")
setFlagsFromString("--semi-space-growth-factor=1")
// While V8 marks the old generation it would leave the young one alone: tens of megabytes of short-lived rows pile up in
// those moments and their pages are kept. Measured: 1.08 instead of 1.2 times the memory for ten times the people.
setFlagsFromString("--no-separate-gc-phases")

if (major > 22 || (major === 22 && minor >= 19)) {
  // Stripped of types and compiled once for all starts (in the system's folder for temporary files; NODE_COMPILE_CACHE
  // names another, NODE_DISABLE_COMPILE_CACHE=1 none).
  nodeModule.enableCompileCache?.()
  // Sources in the repository, JavaScript in the package that is installed.
  await import(existsSync(join(here, "../src/main.ts")) ? "../src/main.ts" : "../dist/src/main.js")
} else {
  const node = carriedNode()
  if (node === undefined) {
    console.error(
      `Rollcall needs Node 22.19 or later; this is ${process.versions.node}. Run \`npm ci\` to install one beside it.`
    )
    process.exit(2)
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)))
}
