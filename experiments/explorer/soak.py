#!/usr/bin/env python3
"""Lets many clients at the explorer at once, some of them rude, and watches its memory.

    experiments/explorer/soak.py target/debug/explore runs/base-001 --minutes 10

Most clients ask what the page asks. The others send what is no request, bodies of a gigabyte (in
name), texts that are too long, heads without end, or hang up in the middle. At the end it says how
many answers of each status there were, how long they took, and the resident memory each 10 seconds;
it fails if an ordinary question was not answered with 200, or if the memory grows by more than 10 %
in the second half.
"""

import argparse
import collections
import json
import random
import socket
import subprocess
import sys
import threading
import time

TEXTS = [
    "El robot dejó caer la pelota porque él estaba dañado.",
    "Tom didn't come to work today because he was sick.",
    "Ana llamó a Luis porque él estaba enfermo, pero ella no lo sabía.",
    "The trophy would not fit into the suitcase because it was too big. " * 3,
]
# Not all of them are: a search may be refused until its index is there.
RUDE = ["search", "nonsense", "gigabyte", "endless", "hang-up", "long", "json", "silent"]


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def post(port, path, body, length=None):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    return head.encode() + body


def read_status(connection):
    answer = b""
    while part := connection.recv(65536):
        answer += part
    return int(answer[9:12]) if answer else None


def polite(port, random):
    text = random.choice(TEXTS)
    kind = random.random()
    if kind < 0.7:
        change = random.choice([{}, {"masked": [2]}, {"ablated": [[0, 0]]}, {"ablated": [[0, 1]], "ablation": "mean"}])
        return post(port, "/api/read", {"text": text, **change})
    if kind < 0.85:
        return post(port, "/api/vectors", {"text": TEXTS[0], "layer": 0, "head": 1})
    if kind < 0.95:
        return post(port, "/api/snapshot", {"step": 0})
    return post(port, "/api/variants", {"text": TEXTS[0], "pronoun": [36, 38]})


def rude(port, random, kind):
    with connect(port) as connection:
        if kind == "search":
            query = {"text": TEXTS[0], "token": 8, "by": "hidden", "layer": 1, "head": None, "limit": 50}
            connection.sendall(post(port, "/api/search", query))
        elif kind == "nonsense":
            connection.sendall(random.randbytes(2000))
        elif kind == "gigabyte":
            connection.sendall(post(port, "/api/read", b"{", 1 << 30))
        elif kind == "endless":
            try:
                connection.sendall(b"GET / HTTP/1.1\r\n")
                for _ in range(100):
                    connection.sendall(b"a: " + b"b" * 1000 + b"\r\n")
            except OSError:
                return None
        elif kind == "hang-up":
            connection.sendall(post(port, "/api/read", {"text": TEXTS[3]}))
            return None
        elif kind == "long":
            connection.sendall(post(port, "/api/read", {"text": "él " * 1300}))
        elif kind == "json":
            connection.sendall(post(port, "/api/read", b"[" * 50000))
        elif kind == "silent":
            time.sleep(random.random())
            return None
        connection.shutdown(socket.SHUT_WR)
        return read_status(connection)


class Soak:
    def __init__(self, port, seconds):
        self.port, self.until = port, time.monotonic() + seconds
        self.statuses = collections.Counter()
        self.times, self.problems = [], []
        self.lock = threading.Lock()

    def client(self, seed):
        own = random.Random(seed)
        while time.monotonic() < self.until:
            if own.random() < 0.2:
                kind = own.choice(RUDE)
                try:
                    status = rude(self.port, own, kind)
                except OSError:
                    status = "closed"
                with self.lock:
                    self.statuses[f"{kind} {status}"] += 1
                    if status == 200 and kind != "search":
                        self.problems.append(f"{kind}: 200")
                continue
            began = time.monotonic()
            try:
                with connect(self.port) as connection:
                    connection.sendall(polite(self.port, own))
                    status = read_status(connection)
            except OSError as error:
                status = repr(error)
            with self.lock:
                self.statuses[f"polite {status}"] += 1
                self.times.append(time.monotonic() - began)
                if status != 200:
                    self.problems.append(f"polite: {status}")


def resident_mb(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("explore")
    parser.add_argument("run")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--minutes", type=float, default=10)
    arguments = parser.parse_args()
    server = subprocess.Popen([arguments.explore, arguments.run, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline().split("http://")[1].split("/")[0].rsplit(":", 1)[1])
        soak = Soak(port, arguments.minutes * 60)
        threads = [threading.Thread(target=soak.client, args=(seed,)) for seed in range(arguments.clients)]
        for thread in threads:
            thread.start()
        memory = []
        while time.monotonic() < soak.until:
            time.sleep(min(10, arguments.minutes * 6))
            memory.append(resident_mb(server.pid))
        for thread in threads:
            thread.join()
    finally:
        server.terminate()
    code = server.wait(timeout=10)
    times = sorted(soak.times)
    half = memory[len(memory) // 2 :]
    print("statuses:", ", ".join(f"{name}: {n}" for name, n in sorted(soak.statuses.items())))
    print(f"polite answers: {len(times)}, median {times[len(times) // 2] * 1e3:.0f} ms, longest {times[-1] * 1e3:.0f} ms")
    print("resident MB:", " ".join(f"{megabytes:.0f}" for megabytes in memory))
    grown = max(half) / half[0] - 1
    print(f"growth in the second half: {grown * 100:.1f} %, exit code {code}")
    if soak.problems or grown > 0.1 or code != 0:
        print("problems:", collections.Counter(soak.problems).most_common(5))
        sys.exit(1)


if __name__ == "__main__":
    main()
