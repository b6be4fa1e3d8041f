#!/bin/bash
# docs.sh [FILE...]: run every SQL block of README.md and docs/*.md, as TAP, one line a block.
#
# A file gets a fresh database, with the extension unless the file itself says CREATE EXTENSION customer_value.
# Its blocks (```sql) run in order in one session and must not fail. A comment before a block can say
#   <!-- setup: demo -->             load the sample shop (the tables of demo/shop.sql)
#   <!-- setup: base -->             and make it the customer base shop, fitted
#   <!-- needs: northwind -->        the rest of the section needs this data set of CV_SHARED; skipped without it
#   <!-- not run: reason -->         leave the next block out
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 1
[ $# -gt 0 ] || set -- README.md docs/*.md
n=0
bad=0

# the psql script for a file: its blocks and setups, each announced on standard output
script_of()
{
	awk -v shared="${CV_SHARED:-}" -v here="$PWD" '
		/^<!-- setup: demo -->/ { print "\\i demo/shop.sql" }
		/^<!-- setup: base -->/ {
			print "\\i demo/shop.sql\n\\i demo/bind.sql\nSELECT FROM customer_value.fit('\''shop'\'');"
		}
		/^<!-- needs: [a-z_]+ -->/ {
			if (shared == "")
				missing = "the data set " $3 " is not there (CV_SHARED)"
			else if (!($3 in loaded))
			{
				loaded[$3] = 1
				print "\\cd " shared "/data/" $3
				print "\\! { if test -f load.sql; then cat load.sql; else gzip -dc *.sql.gz; fi; } | psql -Xq -d cv_docs > /dev/null"
				print "\\cd " here
			}
		}
		/^#/ && !inside { missing = "" }
		/^<!-- not run: / { left_out = $0; sub(/^<!-- not run: */, "", left_out); sub(/ *-->.*/, "", left_out) }
		/^```/ && inside {
			inside = 0
			if (omit) next
			if (last !~ /(; *|^\\.*)$/) print "; DO $$ BEGIN RAISE '\''the block does not end its last statement'\''; END $$;"
			print "\\echo @done " line
			next
		}
		/^```sql/ {
			inside = 1; line = NR; omit = 0
			if (missing != "") left_out = missing
			if (left_out != "") { omit = 1; print "\\echo @omit " line " " left_out; left_out = "" }
			else print "\\echo @start " line
			next
		}
		inside && !omit { print; if ($0 !~ /^ *(--.*)?$/) { last = $0; sub(/ *--.*/, "", last) } }' "$1"
}

for file
do
	[ -f "$file" ] || continue
	dropdb --if-exists cv_docs 2> /dev/null
	createdb cv_docs
	grep -q 'CREATE EXTENSION customer_value' "$file" ||
		psql -Xq -d cv_docs -c "CREATE EXTENSION customer_value"
	script_of "$file" > "$CV_TMP/docs.sql"
	PGOPTIONS='-c client_min_messages=warning' psql -X -d cv_docs -v ON_ERROR_STOP=1 -f "$CV_TMP/docs.sql" \
		> "$CV_TMP/docs.out" 2>&1
	status=$?
	started=setup
	while read -r what line reason
	do
		case $what in
			@start) started=$line ;;
			@done) n=$((n + 1)); started=''; echo "ok $n - $file:$line" ;;
			@omit) n=$((n + 1)); echo "ok $n - $file:$line # SKIP $reason" ;;
		esac
	done < <(grep '^@\(start\|done\|omit\) ' "$CV_TMP/docs.out")
	if [ $status != 0 ]
	then
		n=$((n + 1))
		bad=$((bad + 1))
		echo "not ok $n - $file:$started"
		tail -20 "$CV_TMP/docs.out" | sed 's/^/# /'
	fi
done

dropdb --if-exists cv_docs
[ $n -gt 0 ] || { echo "1..0 # SKIP no SQL in README.md and docs"; exit 0; }
echo "1..$n"
[ $bad = 0 ]
