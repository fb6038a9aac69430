"""As much of curl as the printed line asks of it, for machines that have none.

python -m tests.cli.curl -s [-u USER:SECRET] [-d FORM] [-H "NAME: VALUE"]… URL
"""

import base64
import sys
import urllib.request


def main(words: list[str]) -> None:
    """Send one request and print the body."""
    url, headers, form = "", {}, None
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-u":
            headers["Authorization"] = f"Basic {base64.b64encode(words.pop(0).encode()).decode()}"
        elif word == "-d":
            form = words.pop(0).encode()
        elif word != "-s":
            url = word
    asked = urllib.request.Request(url, form, headers)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        sys.stdout.write(answer.read().decode())


if __name__ == "__main__":
    main(sys.argv[1:])
