import { Database } from "../src/Database.ts"
import { laneContract } from "./LaneContract.ts"
import { postgres } from "./OnPostgres.ts"

laneContract("Lane on PGlite", Database.layerPGliteMemory)
laneContract("Lane on PostgreSQL", postgres("lane"))
