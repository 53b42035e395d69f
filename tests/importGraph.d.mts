/** Each source file with the files that it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>
export declare function importGraph(): ImportGraph
export declare function importCycles(graph: ImportGraph): readonly (readonly string[])[]
