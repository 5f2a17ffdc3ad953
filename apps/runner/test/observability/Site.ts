/** A configuration whose file is read every two seconds, and people for it. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"

export interface Human {
  readonly id: string
  readonly first: string
  readonly last: string
  readonly mail: string
  readonly born?: string
  readonly state?: string
  readonly title?: string
  readonly status?: string
}

const header = "id,first,last,mail,born,state,title,status"

export const writePeople = (folder: string, humans: ReadonlyArray<Human>, first = header): void => {
  const rows = humans.map(({ born = "", first, id, last, mail, state = "", status = "A", title = "Clerk" }) =>
    [id, first, last, mail, born, state, title, status].join(",")
  )
  writeFileSync(join(folder, "people.csv"), `${[first, ...rows].join("\n")}\n`)
}

export const writeSite = (folder: string, baseUrl: string, credentials: object = {}): void => {
  const source = {
    file: "people.csv",
    columns: {
      employeeId: "id",
      firstName: "first",
      lastName: "last",
      email: "mail",
      dateOfBirth: "born",
      addressState: "state",
      title: "title",
      status: { column: "status", values: { A: "active" } }
    }
  }
  const together = { baseUrl, organizationId: "o", clientId: "c", apiKey: "k", batchSize: 1, ...credentials }
  writeFileSync(
    join(folder, "rollcall.config.ts"),
    `import { csv, defineConfig, env } from "rollcall"
export default defineConfig({
  sources: { hr: csv(${JSON.stringify(source)}) },
  schedules: { hr: "*/2 * * * * *" },
  together: ${JSON.stringify(together)}
})
`
  )
}
