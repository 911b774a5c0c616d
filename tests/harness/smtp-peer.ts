/** A mail server that does what a test says at a step of its choice: refuses, falls silent, or breaks the line. */
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What it answers: a reply; `null`: nothing any more; `drop`: the line is cut; `end`: it is closed after this reply. */
type Answer = string | null | 'drop' | { end: string };
export interface Script {
  greeting?: Answer;
  ehlo?: Answer;
  auth?: Answer;
  mail?: Answer;
  /** by recipient */
  rcpt?: (address: string) => Answer;
  data?: Answer;
  /** once so many bytes of the message have come */
  within?: { bytes: number; answer: Answer };
  /** to the whole message */
  done?: Answer;
}

export interface SmtpPeer {
  port: number;
  /** whole messages that it heard, whatever it answered */
  heard: string[];
  stop(): Promise<void>;
}

export async function startSmtpPeer(script: Script): Promise<SmtpPeer> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    let inMessage = false;
    let silent = false;
    const say = (answer: Answer | undefined, otherwise: string): boolean => {
      const said = answer === undefined ? otherwise : answer;
      if (said === null) silent = true;
      else if (said === 'drop') socket.resetAndDestroy();
      else if (typeof said === 'object') socket.end(`${said.end}\r\n`);
      else {
        socket.write(`${said}\r\n`);
        return true;
      }
      return false;
    };
    const command = (line: string) => {
      const verb = line.slice(0, 4).toUpperCase();
      const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
      if (verb === 'EHLO') say(script.ehlo, '250-peer.test\r\n250-SIZE 40000000\r\n250 AUTH PLAIN LOGIN XOAUTH2');
      else if (verb === 'AUTH') say(script.auth, '235 2.7.0 ok');
      else if (verb === 'MAIL') say(script.mail, '250 2.1.0 ok');
      else if (verb === 'RCPT') say(script.rcpt?.(address), '250 2.1.5 ok');
      else if (verb === 'DATA') inMessage = say(script.data, '354 go on');
      else if (verb === 'QUIT') socket.end('221 bye\r\n');
      else say(undefined, '250 ok');
    };
    socket.on('data', (chunk: Buffer) => {
      if (silent) return;
      text += chunk.toString('latin1');
      for (;;) {
        if (inMessage) {
          const end = text.indexOf('\r\n.\r\n');
          if (script.within && text.length >= script.within.bytes) {
            say(script.within.answer, '');
            return;
          }
          if (end === -1) return;
          heard.push(text.slice(0, end));
          text = text.slice(end + 5);
          inMessage = false;
          say(script.done, '250 2.0.0 queued');
        } else {
          const end = text.indexOf('\r\n');
          if (end === -1) return;
          const line = text.slice(0, end);
          text = text.slice(end + 2);
          command(line);
        }
        if (silent) return;
      }
    });
    say(script.greeting, '220 peer.test ESMTP');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
