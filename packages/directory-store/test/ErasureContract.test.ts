import { Database } from "../src/Database.ts"
import { erasureContract } from "./ErasureContract.ts"
import { postgres } from "./OnPostgres.ts"

erasureContract("erasure on PGlite", Database.layerPGliteMemory)
erasureContract("erasure on PostgreSQL", postgres("erasure"))
