// Calls the presigner CALLS times with EVENT; the last line of stderr is the CPU time of a call.
import { handler } from "./bundled/presigner.mjs";

const event = JSON.parse(process.env.EVENT);
const calls = Number(process.env.CALLS);
for (let call = 0; call < calls / 10; call += 1) {
  const answer = await handler(event);
  if (answer.statusCode !== 200) throw new Error(JSON.stringify(answer));
}
const before = process.cpuUsage();
for (let call = 0; call < calls; call += 1) await handler(event);
const { user, system } = process.cpuUsage(before);
process.stderr.write(`${JSON.stringify({ microseconds: (user + system) / calls })}\n`);
