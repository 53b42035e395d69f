export declare function hasDisplay(): boolean
export declare function missingLibraries(binary: string): Promise<string[]>
export declare function startXvfb(): Promise<{ readonly display: string; readonly stop: () => void }>
