// The server knows a sign-in no more.

import * as accounts from "./accounts.js";
import { go, set, state } from "./store.js";

// What is kept stays for the same patient; who is shown signs in again. Answers begun, and the emergency numbers
// over them, are left on the screen: they are finished first.
export async function endSession(account) {
  const shown = () => state.account?.id === account.id;
  if (shown() && state.account.token !== account.token) return; // known already, or signed in anew
  const left = await accounts.ended(account);
  if (!shown()) return;
  set({ account: left, accounts: await accounts.all() });
  if (state.screen !== "check-in") go("sign-in", { ended: left }, "replace");
}

// Whoever leaves a check-in that outlived its sign-in signs in again: nothing else can be fetched or sent.
export function signInAgain() {
  const { account } = state;
  if (account && !account.token) go("sign-in", { ended: account }, "replace");
}
