# Rollcall's service: the packages it needs with their locked dependencies, run from their sources by Node.
#
#   docker build -t rollcall .
#   docker run -p 127.0.0.1:4020:4020 -v "$PWD:/config:ro" --env-file rollcall.env rollcall
#
# docs/operations.md says what to mount and what to set.
ARG NODE=node:24-bookworm-slim

FROM ${NODE} AS build
WORKDIR /build
COPY . .
# What types and editors need stays behind: it is more than half of what npm installs.
RUN node scripts/production.ts /app \
  && cd /app \
  && npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/effect/src node_modules/effect/ai-docs node_modules/@effect/*/src node_modules/@types \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM ${NODE}
ENV NODE_ENV=production
COPY --from=build /app /app
# The embedded database, where no DATABASE_URL is set: `data: "/data"` in the configuration, and a volume here.
RUN mkdir /config /data && chown node:node /data
USER node
WORKDIR /config
EXPOSE 4020
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4020/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/apps/runner/bin/rollcall.js"]
CMD ["serve", "--host", "0.0.0.0", "--port", "4020", "--config", "/config/rollcall.config.ts"]
