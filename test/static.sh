#!/bin/bash
# static.sh: what can be said about the code without running it, as TAP. Run by test/run static, in its cluster.
set -uo pipefail

cd "$(dirname "$0")/.." || exit 1
pg_config=${PG_CONFIG:-pg_config}
output=$CV_TMP/static.out
n=0
bad=0

# check WHAT COMMAND...: passes if the command succeeds; shows what it said if not
check()
{
	n=$((n + 1))
	if "${@:2}" > "$output" 2>&1
	then
		echo "ok $n - $1"
	else
		bad=$((bad + 1))
		echo "not ok $n - $1"
		tail -50 "$output" | sed 's/^/# /'
	fi
}

# silent WHAT COMMAND...: passes if the command prints nothing
silent()
{
	check "$1" eval "! { ${*:2} ; } | grep ."
}

warnings="-Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers"
core=(src/core/*.c)

# gcc finds more when it optimises; both floors, without touching the objects of the build
compile_all()
{
	local file flags

	flags="$("$pg_config" --cppflags) -I$("$pg_config" --includedir-server) -Isrc -std=gnu11 -O2 $warnings"
	for file in src/core/*.c src/pg/*.c
	do
		# shellcheck disable=SC2086 # flags are words
		cc $flags -fsyntax-only "$file" || return 1
		# shellcheck disable=SC2086
		cc $flags -S -o /dev/null "$file" || return 1
	done
}

# core alone must do without PostgreSQL's headers on the path
core_alone()
{
	local file

	for file in "${core[@]}"
	do
		# shellcheck disable=SC2086
		cc -std=c11 -D_GNU_SOURCE -Isrc -pedantic -Wno-pedantic $warnings -fsyntax-only "$file" || return 1
	done
}

tidy()
{
	printf '%s\n' "${core[@]}" | xargs -P "$(nproc)" -n 1 sh -c 'clang-tidy --quiet "$0" -- -std=gnu11 -Isrc 2> /dev/null'
}

# symbols that leave a C file: the module's own have the prefix, the rest is what PostgreSQL looks up
foreign_symbols()
{
	nm --defined-only --extern-only "$@" |
		awk 'NF == 3 && $3 !~ /^(cv_|pg_finfo_cv_|Pg_magic_func$|_PG_init$|_PG_fini$)/ { print $3 }' | sort -u
}

# SQL parts that exist but are not joined into the install script
forgotten_parts()
{
	local part

	for part in src/sql/*.sql
	do
		grep -qFx -- "$(head -1 "$part")" customer_value--*.sql || echo "$part is not in SQL_PARTS of the Makefile"
	done
}

plpgsql()
{
	psql -X -q -v ON_ERROR_STOP=1 -f test/plpgsql_check.sql
}

check "C compiles without warnings" compile_all
check "src/core compiles on its own as C11" core_alone
silent "src/core does not know PostgreSQL" "grep -lE 'postgres\\.h|\"pg/|\\bpalloc|\\bereport' src/core/*"
silent "src/core does not allocate" "grep -nE '\\b(malloc|calloc|realloc|free)\\(' src/core/*.c"
silent "NLopt is included in one file" "grep -lE 'nlopt\\.h' src/core/*.[ch] src/pg/*.[ch] | tail -n +2"
silent "version differences live in src/pg/compat.h" "grep -lE 'PG_VERSION_NUM' src/pg/*.[ch] | grep -v compat.h"
silent "the shared library exports only what begins with cv_" foreign_symbols -D customer_value.so
silent "symbols that leave a C file begin with cv_" foreign_symbols src/core/*.o src/pg/*.o
silent "every part of the SQL is installed" forgotten_parts
silent "no source file has more than 600 lines" "wc -l src/*/*.[ch] | awk '\$1 > 600 && \$2 != \"total\"'"
check "clang-tidy finds nothing in src/core" tidy
check "cppcheck finds nothing in src/core" cppcheck --quiet --std=c11 --enable=warning,performance,portability \
	--inline-suppr --suppress=uninitvar --suppress=shiftTooManyBitsSigned --error-exitcode=1 -Isrc src/core
check "plpgsql_check finds nothing in the extension's functions" plpgsql
# shellcheck disable=SC2046 # names without blanks
check "shellcheck finds nothing in the scripts" shellcheck --shell=bash --severity=warning \
	$(git grep -lE '^#!/bin/(ba)?sh')

echo "1..$n"
[ $bad = 0 ]
