/** The process of `commands.ts`: it is sent the arguments of a command, and sends back what the command has printed. */
import { run } from '../../../infra/console/program.ts';
import type { Printed } from './commands.ts';

let [output, error] = ['', ''];
process.stdout.write = taking((text) => {
  output += text;
});
process.stderr.write = taking((text) => {
  error += text;
});

/** Takes a text, and says so to whoever asks when it is written. */
function taking(take: (text: string) => void): typeof process.stdout.write {
  return (text: string | Uint8Array, ...more: unknown[]) => {
    take(Buffer.from(text as string).toString());
    const written = more.find((each) => typeof each === 'function');
    if (written !== undefined) setImmediate(written as () => void);
    return true;
  };
}

process.on('message', async (given: readonly string[]) => {
  [output, error] = ['', ''];
  process.exitCode = undefined;
  const code = await run(given, {
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
  });
  const exits = code ?? Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  process.send?.({ output, error, code: exits } satisfies Printed);
});
process.once('disconnect', () => process.exit());
