# build.sh: builds with meson and puts what runs under VAR, where the service user can read it and the next build
# does not pull it away from under a running service.
# shellcheck shell=bash

# configure FOLDER OPTIONS…: meson setup, again from nothing when an earlier one was cut short or the tree has moved.
configure() {
  local folder=$1
  shift
  if [[ -e $folder/build.ninja ]] && grep -qsF "\"source\": \"$ROOT\"" "$folder/meson-info/meson-info.json"; then return; fi
  rm -rf "$folder"
  mkdir -p "$(dirname "$folder")"
  meson setup "$folder" "$ROOT" "$@"
}

# build_release: everything that ops/up runs. The log is shown only when the build fails.
build_release() {
  local log=$VAR/log/build.log jobs=${WANGGE_JOBS:-$(nproc)}
  [[ -e $BUILD/build.ninja ]] || say "Building into $BUILD"
  # The build's programs must be Debian's, whatever other Pythons the caller's PATH begins with.
  if ! (
    PATH=/usr/bin:/bin:$PATH
    configure "$BUILD" --buildtype=release -Dtests=false && ninja -C "$BUILD" -j "$jobs"
  ) >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    die "the build failed (whole log: $log)"
  fi
}

# install_release: copies services, schemas and reference data under VAR if they changed.
install_release() {
  local service built
  for service in "${SERVICES[@]}"; do
    built=$BUILD/services/$service/wangge-$service
    [[ -x $built ]] || die "the build has made no $built"
    if ! cmp -s "$built" "$VAR/bin/wangge-$service"; then
      install -m 755 "$built" "$VAR/bin/wangge-$service.new"
      mv -f "$VAR/bin/wangge-$service.new" "$VAR/bin/wangge-$service"
    fi
  done
  rm -rf "$VAR/share.new"
  mkdir -p "$VAR/share.new"
  (cd "$ROOT" && find common services -path '*/schema/*.sql' -exec cp --parents -t "$VAR/share.new" {} + &&
    find ops/demo/reference -type f -exec cp --parents -t "$VAR/share.new" {} +)
  chmod -R u=rwX,go=rX "$VAR/share.new"
  if diff -rq "$VAR/share" "$VAR/share.new" >/dev/null 2>&1; then
    rm -rf "$VAR/share.new"
  else
    rm -rf "$VAR/share"
    mv "$VAR/share.new" "$VAR/share"
  fi
}
