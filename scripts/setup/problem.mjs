/** An expected failure of set-up: one plain sentence, without a full stop, that says what is missing and what to do. */
export class Problem extends Error {
  /**
   * `costly`: finding out took long (a download, a build), so it is not tried again at every start.
   * `packages`: what would help on Debian and Ubuntu.
   */
  constructor(sentence, { costly = false, packages = [] } = {}) {
    super(sentence)
    this.name = 'Problem'
    this.costly = costly
    this.packages = packages
  }
}

const day = 24 * 60 * 60 * 1000

/** True while a costly failure is too fresh to be worth another try. */
export const isFresh = (record) =>
  record?.ok === false && record.costly === true && Date.now() - Date.parse(record.at) < day
