/**
 * A real mailbox server and a real mail server on ports of their own: Dovecot, which anybody may run, and Exim, which only root may.
 * Exim takes what is sent, from whoever signs in, and hands it to Dovecot by LMTP, as mail goes on its way in earnest.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { temporaryDir } from './postgres.ts';

const root = process.getuid?.() === 0;
const exim = '/usr/sbin/exim4';
/** where a test needs more than a mailbox: an ordinary user can't start Exim, and a machine with another mail server has none */
export const canSend = root && existsSync(exim);

/** whoever has a mailbox here */
export const mailUsers = { shop: 'cskh@shop.test', lan: 'lan@khach.test', minh: 'minh@khach.test' } as const;
export const mailPassword = 'mật-khẩu 1';
/** Exim's own words have no other letters */
export const sendPassword = 'mat-khau-gui';

export interface MailServers {
  imap: { host: string; port: number };
  /** refuses `khong-co@khach.test` for good and `ban@khach.test` for now; null: see `canSend` */
  smtp: { host: string; port: number } | null;
  append(user: string, mail: string | Buffer, folder?: string): Promise<void>;
  /** raw mail, in the order of UIDs */
  mails(user: string, folder?: string): Promise<string[]>;
  /** what the server answers to THREAD REFERENCES: `(1 2)(3)` */
  threads(user: string): Promise<string>;
  expunge(user: string): Promise<void>;
  /** what a server does that was put back from a backup */
  newUidValidity(user: string): Promise<void>;
  /** ends the sessions of this user; resolves when they are closed */
  kick(user: string): Promise<void>;
  /** how many sessions the user has now */
  sessions(user: string): Promise<number>;
  /** the mailbox server ends and starts again on the same port */
  downImap(): Promise<void>;
  upImap(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMailServers(): Promise<MailServers> {
  const dir = temporaryDir('truc-mail-');
  const [imap, lmtp, smtp] = await freePorts();
  const config = dovecotConfig(dir, imap, lmtp);
  const eximConfig = canSend ? eximFiles(dir, lmtp, smtp) : null;
  let dovecot = await started('dovecot', ['-F', '-c', config], imap);
  const mta = eximConfig === null ? null : await started(exim, ['-C', eximConfig, '-bdf'], smtp);
  const doveadm = (args: string[], input: string | Buffer = '') => output('doveadm', ['-c', config, ...args], input);
  return {
    imap: { host: '127.0.0.1', port: imap },
    smtp: mta ? { host: '127.0.0.1', port: smtp } : null,
    async append(user, mail, folder = 'INBOX') {
      await doveadm(['save', '-u', user, '-m', folder], mail);
    },
    async mails(user, folder = 'INBOX') {
      const fetched = await doveadm(['-f', 'json', 'fetch', '-u', user, 'text', 'mailbox', folder, 'all']);
      return (JSON.parse(fetched) as { text: string }[]).map(({ text }) => text);
    },
    threads: (user) => imapAnswer(imap, user, ['SELECT INBOX', 'THREAD REFERENCES UTF-8 ALL'], /\* THREAD ?(.*)\r\n/),
    async expunge(user) {
      await doveadm(['expunge', '-u', user, 'mailbox', 'INBOX', 'all']);
    },
    async newUidValidity(user) {
      await doveadm(['mailbox', 'update', '--uid-validity', String(2_000_000_000 + Math.floor(Math.random() * 1e6)), '-u', user, 'INBOX']);
    },
    async kick(user) {
      await doveadm(['kick', user]);
    },
    async sessions(user) {
      const who = JSON.parse((await doveadm(['-f', 'json', 'who', user])) || '[]') as { connections: string }[];
      return who.reduce((sum, one) => sum + Number(one.connections), 0);
    },
    downImap: () => ended(dovecot),
    async upImap() {
      dovecot = await started('dovecot', ['-F', '-c', config], imap);
    },
    async stop() {
      if (mta) await ended(mta);
      await ended(dovecot);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Dovecot's settings changed their language with 2.4; this is that of 2.3, of Debian 12 and Ubuntu 24. */
function dovecotConfig(dir: string, imap: number, lmtp: number): string {
  const me = userInfo();
  const [inner, login, owner, group] = root
    ? ['dovecot', 'dovenull', 'mail', 'mail']
    : [me.username, me.username, String(me.uid), String(me.gid)];
  mkdirSync(join(dir, 'mail'), { mode: 0o777 });
  chmodSync(join(dir, 'mail'), 0o777);
  const users = join(dir, 'users');
  writeFileSync(
    users,
    Object.values(mailUsers)
      .map((user) => `${user}:{PLAIN}${mailPassword}\n`)
      .join(''),
  );
  const path = join(dir, 'dovecot.conf');
  writeFileSync(
    path,
    `
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = ${dir}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = ${inner}
default_internal_group = ${root ? 'dovecot' : `$ENV:DOVECOT_GROUP`}
default_login_user = ${login}
${root ? '' : 'service anvil {\n  chroot =\n}\nservice imap-login {\n  chroot =\n}\nservice stats {\n  chroot =\n}'}
mail_uid = ${owner}
mail_gid = ${group}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:${dir}/mail/%u
mail_max_userip_connections = 50
lmtp_save_to_detail_mailbox = no
recipient_delimiter = +
auth_mechanisms = plain
auth_failure_delay = 0 secs
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u ${users}
}
userdb {
  driver = static
  args = uid=${owner} gid=${group} home=${dir}/mail/%u
}
service imap-login {
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = 0
  }
}
# Else whoever mistook a password waits longer each time.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${lmtp}
  }
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    auto = subscribe
    special_use = \\Sent
  }
}
`.replace('$ENV:DOVECOT_GROUP', groupName(me.gid)),
  );
  return path;
}

function groupName(gid: number): string {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((one) => one.split(':')[2] === String(gid));
  return line?.split(':')[0] ?? String(gid);
}

function eximFiles(dir: string, lmtp: number, smtp: number): string {
  const spool = join(dir, 'spool');
  mkdirSync(spool);
  const account = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('Debian-exim:'))
    ?.split(':');
  chownSync(spool, Number(account?.[2]), Number(account?.[3]));
  const path = join(dir, 'exim.conf');
  writeFileSync(
    path,
    `
exim_path = ${exim}
spool_directory = ${spool}
log_file_path = ${spool}/%slog
pid_file_path = ${spool}/exim.pid
primary_hostname = mx.shop.test
qualify_domain = shop.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${smtp}
tls_advertise_hosts =
host_lookup =
rfc1413_hosts =
keep_environment =
message_size_limit = 40M
acl_smtp_mail = check_sender
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
begin acl
check_sender:
  accept authenticated = *
  deny message = 5.7.0 sign in first
check_rcpt:
  deny local_parts = khong-co
       message = 5.1.1 no such user
  defer local_parts = ban
       message = 4.2.1 try later
  accept domains = shop.test : khach.test
  deny message = 5.7.1 relaying denied
begin routers
all:
  driver = manualroute
  transport = lmtp
  route_list = * 127.0.0.1
  self = send
begin transports
lmtp:
  driver = smtp
  protocol = lmtp
  port = ${lmtp}
  allow_localhost
begin retry
* * F,1h,1m
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and {{eq{$auth2}{${mailUsers.shop}}}{eq{$auth3}{${sendPassword}}}}}
  server_set_id = $auth2
`,
    { mode: 0o644 },
  );
  return path;
}

async function freePorts(): Promise<[number, number, number]> {
  const ports: number[] = [];
  const servers = Array.from({ length: 3 }, () => createServer());
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as { port: number }).port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as [number, number, number];
}

/** Resolves when the port answers. */
async function started(command: string, args: string[], port: number): Promise<ChildProcess> {
  // A group of its own: sessions outlive the master, and are ended with it.
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${said}`)));
  });
  failed.catch(() => undefined);
  await Promise.race([answers(port), failed]);
  return child;
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const greeted = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('data', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
    }).catch(() => false);
    if (greeted) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  await exit;
}

async function output(command: string, args: string[], input: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(' ')}: ${stderr || error.message}`));
      else resolve(stdout);
    });
    child.stdin?.end(input);
  });
}

/** One answer of the server to the last of some commands. */
async function imapAnswer(port: number, user: string, commands: string[], wanted: RegExp): Promise<string> {
  const lines = [`LOGIN "${user}" {${Buffer.byteLength(mailPassword)}+}\r\n${mailPassword}`, ...commands, 'LOGOUT'];
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => {
      const found = wanted.exec(heard);
      if (found) resolve(found[1] ?? '');
      else reject(new Error(heard));
    });
    socket.write(lines.map((line, index) => `a${index} ${line}\r\n`).join(''));
  });
}
