/**
 * How each proxy is run in tests, with the configuration from the document.
 *
 * @module
 */
import { documented, isDocumented, replace } from "./documented.ts";

/** Where a proxy listens and leads to. */
export interface Setting {
  /** A folder of its own. */
  readonly folder: string;
  /** The port for TLS. */
  readonly port: number;
  readonly cert: string;
  readonly key: string;
  /** Where the servers are: `127.0.0.1:PORT`, or the path of a Unix socket. */
  readonly servers: readonly string[];
  /** The proxy's patience with a connection on which nothing comes, in seconds; absent: as documented. */
  readonly idle?: number;
  /** Puts the server under `/chat`, whose proxy passes the path on or removes it. */
  readonly path?: "kept" | "removed";
}

/** A proxy program. */
export interface ProxyProgram {
  readonly name: string;
  /** Prints the version. */
  readonly version: readonly string[];
  /** Whether open connections go on after a reload. */
  readonly keepsConnections: boolean;
  /** Whether it ends connections on which nothing comes for a while. */
  readonly endsIdle: boolean;
  /** Writes the configuration and returns the command. */
  configure(setting: Setting): Promise<readonly string[]>;
  /** Has the running program read its configuration again. */
  reload(folder: string, pid: number): Promise<readonly string[] | undefined>;
}

/** A part of the document's table, which stands in a configuration as it does there. */
function fromTable(code: string): string {
  if (!isDocumented(code)) throw new Error(`docs/proxies.md has no \`${code}\``);
  return code;
}

function only(blocks: readonly string[]): string {
  const [block] = blocks;
  if (block === undefined || blocks.length !== 1) {
    throw new Error(`docs/proxies.md has ${blocks.length} blocks where the test expects one`);
  }
  return block;
}

const isRoot = Deno.uid() === 0;

const nginx: ProxyProgram = {
  name: "nginx",
  version: ["nginx", "-v"],
  keepsConnections: true,
  endsIdle: true,
  async configure({ folder, port, cert, key, servers, idle, path }) {
    const [first = "", second] = servers.map((at) => at.startsWith("/") ? `unix:${at}` : at);
    let block = replace(only(documented("nginx", "nginx")), {
      "listen 443 ssl": `listen 127.0.0.1:${port} ssl`,
      "chat.example.org;": "localhost;",
      "/etc/ssl/chat.example.org.pem": cert,
      "/etc/ssl/chat.example.org.key": key,
    });
    if (second === undefined) block = replace(block, { "127.0.0.1:8080": first });
    else {
      const standby = replace(only(documented("Two servers", "nginx")), {
        "127.0.0.1:8080": first,
        "127.0.0.1:8081": second,
      });
      block = block.replace(/upstream hubbub \{[^}]*\}\n/, () => standby);
    }
    if (idle !== undefined) block = replace(block, { "timeout 70s": `timeout ${idle}s` });
    if (path !== undefined) {
      block = replace(block, { "location / {": fromTable("location /chat/ {") });
    }
    if (path === "removed") {
      block = replace(block, {
        "proxy_pass http://hubbub;": fromTable("proxy_pass http://hubbub/;"),
      });
    }
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((kind) => `    ${kind}_temp_path ${folder}/${kind};\n`).join("");
    await Deno.writeTextFile(
      `${folder}/nginx.conf`,
      `${isRoot ? "user root;\n" : ""}pid ${folder}/nginx.pid;\nerror_log stderr;\nevents {}\n` +
        `http {\n    access_log off;\n${temporary}${block}}\n`,
    );
    return [
      "nginx",
      "-p",
      folder,
      "-e",
      "stderr",
      "-c",
      `${folder}/nginx.conf`,
      "-g",
      "daemon off;",
    ];
  },
  reload: (_folder, pid) => {
    Deno.kill(pid, "SIGHUP");
    return Promise.resolve(undefined);
  },
};

const caddy: ProxyProgram = {
  name: "caddy",
  version: ["caddy", "version"],
  keepsConnections: false,
  endsIdle: false,
  async configure({ folder, port, cert, key, servers, path }) {
    const names = servers.map((at) => at.startsWith("/") ? `unix/${at}` : at);
    const [first = "", second] = names;
    let block = replace(only(documented("Caddy", "caddyfile")), {
      "chat.example.org {\n": `https://localhost:${port} {\n\ttls ${cert} ${key}\n`,
    });
    if (second !== undefined) {
      block = replace(block, {
        "\treverse_proxy 127.0.0.1:8080\n": replace(only(documented("Two servers", "caddyfile")), {
          "127.0.0.1:8081": second,
        }),
      });
    }
    const proxied = fromTable("reverse_proxy 127.0.0.1:8080");
    if (path === "kept") {
      block = replace(block, {
        [proxied]: `${fromTable("@hubbub path /chat /chat/*")}\n\t${
          fromTable("reverse_proxy @hubbub 127.0.0.1:8080")
        }`,
      });
    } else if (path === "removed") {
      block = replace(block, { [proxied]: `${fromTable("handle_path /chat/* {")}\n${proxied}\n}` });
    }
    block = replace(block, { "127.0.0.1:8080": first });
    await Deno.writeTextFile(
      `${folder}/Caddyfile`,
      `{\n\tadmin unix/${folder}/admin.sock\n\tauto_https off\n\tstorage file_system ${folder}\n}\n${block}`,
    );
    return ["caddy", "run", "--adapter", "caddyfile", "--config", `${folder}/Caddyfile`];
  },
  reload: (folder) =>
    Promise.resolve([
      ...["caddy", "reload", "--force", "--adapter", "caddyfile"],
      ...["--config", `${folder}/Caddyfile`, "--address", `unix/${folder}/admin.sock`],
    ]),
};

const haproxy: ProxyProgram = {
  name: "haproxy",
  version: ["haproxy", "-v"],
  keepsConnections: true,
  endsIdle: true,
  async configure({ folder, port, cert, key, servers, idle, path }) {
    const both = await Promise.all([cert, key].map((file) => Deno.readTextFile(file)));
    await Deno.writeTextFile(`${folder}/both.pem`, both.join(""));
    const [first = "", second] = servers.map((at) => at.startsWith("/") ? `unix@${at}` : at);
    let block = replace(only(documented("HAProxy", "haproxy")), {
      "bind :443": `bind 127.0.0.1:${port}`,
      "/etc/haproxy/chat.example.org.pem": `${folder}/both.pem`,
    });
    if (second !== undefined) {
      const standby = replace(only(documented("Two servers", "haproxy")), {
        "127.0.0.1:8081": second,
      });
      block = block.replace(/^backend hubbub\n[^]*/m, () => standby);
    }
    if (idle !== undefined) {
      block = replace(block, {
        "timeout client 70s": `timeout client ${idle}s`,
        "timeout server 70s": `timeout server ${idle}s`,
        "timeout tunnel 70s": `timeout tunnel ${idle}s`,
      });
    }
    if (path !== undefined) {
      block = replace(block, {
        "default_backend hubbub": fromTable(
          "use_backend hubbub if { path /chat } or { path_beg /chat/ }",
        ),
      });
    }
    if (path === "removed") {
      const rule = fromTable("http-request replace-path /chat(/.*) \\1");
      block = replace(block, {
        "backend hubbub\n    server": `backend hubbub\n    ${rule}\n    server`,
      });
    }
    block = replace(block, { "127.0.0.1:8080": first });
    await Deno.writeTextFile(`${folder}/haproxy.cfg`, block);
    return ["haproxy", "-W", "-db", "-f", `${folder}/haproxy.cfg`];
  },
  reload: (_folder, pid) => {
    Deno.kill(pid, "SIGUSR2");
    return Promise.resolve(undefined);
  },
};

export const PROXIES: readonly ProxyProgram[] = [nginx, caddy, haproxy];
