# playmoney as a service. The control API asks for a token as soon as the server listens on anything
# but loopback, as it does here, so give one:
#
#   docker run --init -p 8080:8080 -v playmoney:/data -e PLAYMONEY_ADMIN_TOKEN=change-me playmoney

FROM python:3.11-slim AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1

# First what changes seldom, so that its layer is kept.
COPY requirements-image.txt requirements-dev.txt ./
RUN python -m venv /build \
    && /build/bin/pip install --require-hashes --requirement requirements-dev.txt \
    && python -m venv /opt/playmoney \
    && /opt/playmoney/bin/pip install --require-hashes --requirement requirements-image.txt

COPY pyproject.toml README.md LICENSE ./
COPY openapi openapi
COPY contracts contracts
COPY scenarios scenarios
COPY simulator simulator
RUN /build/bin/python -m build --no-isolation --wheel --outdir /dist \
    && /opt/playmoney/bin/pip install --no-deps /dist/*.whl

FROM python:3.11-slim
COPY --from=build /opt/playmoney /opt/playmoney
ENV PATH=/opt/playmoney/bin:$PATH PYTHONUNBUFFERED=1

# A number, so that a cluster can prove that the user is not root.
RUN mkdir /data && chown 10001:10001 /data
USER 10001:10001
VOLUME /data
EXPOSE 8080

# Fails where PLAYMONEY_ADMIN_TOKEN is missing or is not the server's.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["python", "-c", "\
import os, urllib.request as web; \
token = os.environ.get('PLAYMONEY_ADMIN_TOKEN', ''); \
web.urlopen(web.Request('http://127.0.0.1:8080/__admin/health', \
headers={'Authorization': 'Bearer ' + token}), timeout=2)"]

ENTRYPOINT ["playmoney"]
CMD ["serve", "--host", "0.0.0.0", "--data", "/data"]
