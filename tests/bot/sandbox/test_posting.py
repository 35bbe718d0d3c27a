"""Posting over connections that stay open, against a server that behaves and one that does not."""

import asyncio

import pytest

from bot.sandbox.posting import Broken, Poster


class Server:
    """Answers with the next of ``answers``; counts connections and keeps what it was sent."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.connections = 0
        self.got = []

    async def __call__(self, reader, writer):
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                self.got.append((head.split(b"\r\n")[0].decode(), await reader.readexactly(size)))
                answer = self.answers.pop(0)
                if answer is None:
                    await asyncio.sleep(30)
                writer.write(answer)
                if b"close" in answer:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


def answer(status, *headers):
    lines = [f"HTTP/1.1 {status} x", "Content-Length: 2", *headers]
    return ("\r\n".join(lines) + "\r\n\r\nok").encode()


def posting(server, times, patience=5.0):
    """What each of ``times`` posts, one after the other, comes to."""

    async def run():
        async with await asyncio.start_server(server, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            poster = Poster(patience)
            came = []
            for n in range(times):
                try:
                    url = f"http://127.0.0.1:{port}/wechat/a?n={n}"
                    came.append(await poster.post(url, f"第 {n} 个".encode(), "text/xml"))
                except (OSError, TimeoutError, Broken) as error:
                    came.append(type(error))
            poster.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            return came

    return asyncio.run(run())


def test_one_connection_serves_all_posts():
    server = Server(answer(200), answer(500), answer(200))
    assert posting(server, 3) == [200, 500, 200]
    assert server.connections == 1
    assert server.got[2] == ("POST /wechat/a?n=2 HTTP/1.1", "第 2 个".encode())


def test_a_server_that_closes_gets_a_new_connection():
    server = Server(answer(200, "Connection: close"), answer(200))
    assert posting(server, 2) == [200, 200]
    assert server.connections == 2


@pytest.mark.parametrize("nonsense", [b"HTTP/1.1 close", b"this is close, not HTTP\r\n\r\n"])
def test_no_answer_is_broken_and_the_next_post_goes_on(nonsense):
    server = Server(nonsense, answer(200))
    assert posting(server, 2) == [Broken, 200]


def test_silence_ends_after_the_patience():
    server = Server(None, answer(200))
    assert posting(server, 2, patience=0.2) == [TimeoutError, 200]


def test_nobody_listening_is_an_error():
    async def run():
        listening = await asyncio.start_server(Server(), "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        listening.close()
        await listening.wait_closed()
        await Poster(1).post(f"http://127.0.0.1:{port}/", b"", "text/xml")

    with pytest.raises(OSError, match=r"refused|failed"):
        asyncio.run(run())
