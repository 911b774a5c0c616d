/**
 * What is to be expected of one queue without ends: calls by chance (Poisson), exponential handling, nobody gives up (M/M/c).
 * Source: A. K. Erlang, "Solution of some Problems in the Theory of Probabilities of Significance in Automatic Telephone Exchanges"
 * (1917); in the form of N. Gans, G. Koole, A. Mandelbaum, "Telephone Call Centers: Tutorial, Review, and Research Prospects", M&SOM
 * 5 (2003), section 3.1.
 */
export interface Expected {
  /** that a call waits at all */
  waitChance: number;
  meanWaitMs: number;
  /** share answered within so many ms */
  within: (ms: number) => number;
}

export function erlangC(servers: number, betweenMs: number, handleMs: number): Expected {
  const offered = handleMs / betweenMs;
  // Erlang B, server by server: the sums of the textbook form overflow from 170 of them on.
  let blocked = 1;
  for (let count = 1; count <= servers; count += 1) blocked = (offered * blocked) / (count + offered * blocked);
  const waitChance = blocked / (1 - (offered / servers) * (1 - blocked));
  const drain = servers / handleMs - 1 / betweenMs;
  return { waitChance, meanWaitMs: waitChance / drain, within: (ms) => 1 - waitChance * Math.exp(-drain * ms) };
}
