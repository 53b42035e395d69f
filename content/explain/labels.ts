/** Probabilities from logits: e^z over their sum. */
function softmax(logits: readonly number[]): readonly number[] {
  const highest = Math.max(...logits)
  const powers = logits.map((one) => Math.exp(one - highest))
  const sum = powers.reduce((total, one) => total + one, 0)
  return powers.map((one) => one / sum)
}

/**
 * (1 − ε)(−ln p_y) + ε · mean of −ln p_c, the cross-entropy with smoothed labels where the first class is true (Szegedy
 * et al. 2015, 1512.00567, §7).
 */
export function smoothedLoss(logits: readonly number[], epsilon: number): number {
  const losses = softmax(logits).map((p) => -Math.log(p))
  return (1 - epsilon) * (losses[0] ?? 0) + (epsilon * losses.reduce((sum, one) => sum + one, 0)) / losses.length
}

/**
 * How far the true logit leads the others where the smoothed loss is lowest: the logarithm of its target, 1 − ε + ε/C,
 * over that of another class, ε/C.
 */
export const bestLead = (epsilon: number, classes: number): number =>
  Math.log((1 - epsilon + epsilon / classes) / (epsilon / classes))
