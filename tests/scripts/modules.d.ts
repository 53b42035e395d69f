// The set-up scripts are plain JavaScript, because they run before anything is installed or built.
declare module '*/scripts/setup/wheels.mjs' {
  export interface Pin {
    readonly name: string
    readonly version: string
    readonly platform: string
    readonly file: string
    readonly bytes: number
    readonly sha256: string
  }
  interface Progress {
    say(sentence: string): void
    step(label: string, total: number, done: () => number): { end(): void }
  }
  export function downloadWheel(pin: Pin, python: string, progress: Progress): Promise<string>
}

declare module '*/scripts/setup/pins.mjs' {
  export const engines: Readonly<
    Record<string, { readonly name: string; readonly library: string; readonly framework: string } | undefined>
  >
}

declare module '*/scripts/setup/lock.mjs' {
  export function withLock<Result>(file: string, onWait: () => void, body: () => Promise<Result>): Promise<Result>
}

declare module '*/scripts/setup/build.mjs' {
  export function isBuilt(project: string): boolean
  export function buildIfNeeded(say: (sentence: string) => void): Promise<void>
}

declare module '*/scripts/setup/counts.mjs' {
  export interface Counts {
    readonly passed: number
    readonly failed: number
    readonly skipped: number
    readonly flaky?: readonly string[]
  }
  export function countVitest(file: string): Counts
  export function countPlaywright(file: string): Counts
  export function sum(counts: readonly Counts[]): Counts
  export function ending(total: Counts, failures: readonly string[]): readonly string[]
  export function summary(counts: Counts): string
}

declare module '*/scripts/lint/cleanupOnly.mjs' {
  import type { Rule } from 'eslint'
  export const cleanupOnly: Rule.RuleModule
}
