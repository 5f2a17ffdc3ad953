import { Database } from "../src/Database.ts"
import { eventLogContract } from "./EventLogContract.ts"
import { postgres } from "./OnPostgres.ts"

eventLogContract("EventLog on PGlite", Database.layerPGliteMemory)
eventLogContract("EventLog on PostgreSQL", postgres("contract"))
