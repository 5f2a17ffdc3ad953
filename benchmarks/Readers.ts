/**
 * So many clients of the Directory API and the operations API at once, each asking anew as soon as it is answered, for so many seconds.
 *
 * `node benchmarks/Readers.ts URL TOKEN CLIENTS SECONDS`, a process of its own; ends with one line of JSON. Asks 127.0.0.1
 * alone.
 */
import { Agent, request } from "node:http"

const [url = "", token = "", clients = "0", seconds = "0"] = process.argv.slice(2)
if (new URL(url).hostname !== "127.0.0.1") throw new Error("Readers ask this machine alone")
const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
const headers = { authorization: `Bearer ${token}` }
const paths = [
  "/api/v1/employee?limit=20",
  "/api/v1/group",
  "/ops/v1/default/condition",
  "/api/v1/organization",
  "/ops/v1/default/employees/7",
  "/api/v1/employee/by-name/First1%20Last1",
  "/ops/v1/default/sources"
]

const get = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { agent, headers }, (response) => {
      response.resume()
      response.on("end", () => resolve(response.statusCode ?? 0))
    })
    asked.on("error", reject)
    asked.end()
  })

const end = performance.now() + Number(seconds) * 1000
let answered = 0
let refused = 0

const client = async (n: number): Promise<void> => {
  for (let i = n; performance.now() < end; i++) {
    const status = await get(paths[i % paths.length] ?? "")
    if (status === 200) answered++
    else refused++
  }
}

await Promise.all(Array.from({ length: Number(clients) }, (_, n) => client(n)))
agent.destroy()
console.log(JSON.stringify({ answered, refused, perSecond: Math.round(answered / Number(seconds)) }))
