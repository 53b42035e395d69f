export declare function which(program: string): string | undefined
