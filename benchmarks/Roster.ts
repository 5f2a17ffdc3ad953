/**
 * Writes a roster of made-up people as an HR system would export it: one tree of managers, sixteen departments.
 *
 * `npx node benchmarks/Roster.ts ROWS FILE`. The same rows for the same number; nobody in it is real.
 */
import { once } from "node:events"
import { createWriteStream } from "node:fs"

const first = [
  "Ada",
  "Björn",
  "Chidi",
  "Dōgen",
  "Élodie",
  "Fatima",
  "Grzegorz",
  "Hana",
  "İpek",
  "João",
  "Kwame",
  "Łucja"
]
const last = ["Ångström", "Brontë", "Chandra", "Dvořák", "Eze", "Ferrari", "Guðmundsson", "Haddad", "Ito", "Jovanović"]
const titles = ["Engineer", "Analyst", "Nurse", "Driver", "Consultant, Senior", "Technician", 'Lead "Ops"', "Clerk"]

export const header = "Number,First,Last,Mail,Status,Title,DeptId,Dept,Boss,Hired,Type,Country"

/** Every eighth person leads the eight after eight times their own number. */
export const row = (n: number): string => {
  const given = first[n % first.length] as string
  const family = last[(n * 7) % last.length] as string
  const title = (titles[(n * 3) % titles.length] as string).replaceAll('"', '""')
  const dept = n % 16
  const boss = n === 0 ? "" : String(Math.floor((n - 1) / 8)).padStart(6, "0")
  const hired = `20${String(n % 25).padStart(2, "0")}-${String((n % 12) + 1).padStart(2, "0")}-15`
  return `${String(n).padStart(6, "0")},${given},${family},p${n}@example.com,A,"${title}",D${dept},Department ${dept},${boss},${hired},REG,CA`
}

export const writeRoster = async (rows: number, file: string): Promise<void> => {
  const out = createWriteStream(file)
  out.write(`${header}\n`)
  for (let n = 0; n < rows; n++) if (!out.write(`${row(n)}\n`)) await once(out, "drain")
  out.end()
  await once(out, "finish")
}

if (import.meta.main) await writeRoster(Number(process.argv[2]), process.argv[3] as string)
