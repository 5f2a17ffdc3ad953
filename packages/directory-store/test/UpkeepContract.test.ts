import { Database } from "../src/Database.ts"
import { postgres } from "./OnPostgres.ts"
import { upkeepContract } from "./UpkeepContract.ts"

upkeepContract("upkeep on PGlite", Database.layerPGliteMemory)
upkeepContract("upkeep on PostgreSQL", postgres("upkeep"))
