import { Run, RunId, RunStatus } from '../../core/run'
import { inTurns } from './serial'

/** What an entry of the list must have before anything is made of it: where it belongs, and what it is sorted by. */
const isEntry = (entry: unknown): entry is Pick<Run, 'id' | 'status' | 'createdAt'> =>
  typeof entry === 'object' &&
  entry !== null &&
  'id' in entry &&
  RunId.safeParse(entry.id).success &&
  'status' in entry &&
  RunStatus.safeParse(entry.status).success &&
  'createdAt' in entry &&
  typeof entry.createdAt === 'string'

/**
 * The runs in memory. What `library.json` holds of a run is validated when the run is first used: to validate 2,000 of
 * them takes longer than all the rest of an opening.
 */
export class RunList {
  readonly #runs = new Map<RunId, Run>()
  readonly #unvalidated = new Set<RunId>()
  readonly #damaged = new Set<RunId>()

  /** Takes an entry of the list in; false where it is none, or one of another run. */
  addEntry(entry: unknown, isWanted: (id: RunId) => boolean): boolean {
    if (!isEntry(entry) || !isWanted(entry.id)) return false
    this.#runs.set(entry.id, entry as Run)
    this.#unvalidated.add(entry.id)
    return true
  }

  set(run: Run): void {
    this.#runs.set(run.id, run)
    this.#unvalidated.delete(run.id)
    this.#damaged.delete(run.id)
  }

  delete(id: RunId): void {
    this.#runs.delete(id)
    this.#unvalidated.delete(id)
    this.#damaged.delete(id)
  }

  has(id: RunId): boolean {
    return this.#runs.has(id)
  }

  /** A run, validated; undefined where there is none, or its entry turns out to be damaged, which ends with it. */
  get(id: RunId): Run | undefined {
    const run = this.#runs.get(id)
    if (run === undefined || !this.#unvalidated.has(id)) return run
    this.#unvalidated.delete(id)
    const { success, data } = Run.safeParse(run)
    if (success) this.#runs.set(id, data)
    else {
      this.#runs.delete(id)
      this.#damaged.add(id)
    }
    return data
  }

  /** All runs, validated. */
  all(): readonly Run[] {
    return [...this.#runs.keys()].flatMap((id) => this.get(id) ?? [])
  }

  /** All runs; of those that nobody has used yet what the list holds, whatever that is beside id, status and time. */
  listed(): readonly Run[] {
    return [...this.#runs.values()]
  }

  /**
   * Validates what is left, while other work goes on in between. Calls back for each entry that lacked something, and
   * has it now.
   */
  async validate(onCompleted: (run: Run) => void = () => undefined): Promise<void> {
    await inTurns([...this.#unvalidated], (id) => {
      const before = this.#runs.get(id)
      const run = this.get(id)
      if (run !== undefined && run !== before && JSON.stringify(run) !== JSON.stringify(before)) onCompleted(run)
    })
  }

  isDamaged(id: RunId): boolean {
    return this.#damaged.has(id)
  }

  /** Those whose entries turned out to be damaged, until there is a record in their place. */
  damaged(): readonly RunId[] {
    return [...this.#damaged]
  }
}
