/**
 * Whether a Docker-compatible engine answers, asked quickly: a client alone, or a socket nobody listens to, must not
 * make a test run wait.
 */
import { existsSync } from "node:fs"
import { get } from "node:http"
import { connect } from "node:net"
import { homedir } from "node:os"
import { join } from "node:path"

const patience = 2000

/** DOCKER_HOST alone when it is set; else the places in which engines usually listen. */
export const engineAnswers = async (): Promise<boolean> => {
  const host = process.env["DOCKER_HOST"]
  if (host !== undefined && host !== "") return hostAnswers(host)
  const sockets = ["/var/run/docker.sock", join(homedir(), ".docker/run/docker.sock"), rootless].filter(existsSync)
  const answers = await Promise.all(sockets.map(socketAnswers))
  return answers.includes(true)
}

const rootless = join(process.env["XDG_RUNTIME_DIR"] ?? "/run", "docker.sock")

const hostAnswers = (host: string): Promise<boolean> => {
  if (host.startsWith("unix://")) return socketAnswers(host.slice("unix://".length))
  // With TLS a ping would need the certificates: that somebody listens is enough to try.
  const { hostname, port } = new URL(host)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 2375), timeout: patience })
    const answer = (yes: boolean) => {
      socket.destroy()
      resolve(yes)
    }
    socket.on("connect", () => answer(true))
    socket.on("timeout", () => answer(false))
    socket.on("error", () => answer(false))
  })
}

const socketAnswers = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const request = get({ socketPath, path: "/_ping", timeout: patience }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on("timeout", () => request.destroy())
    request.on("error", () => resolve(false))
  })
