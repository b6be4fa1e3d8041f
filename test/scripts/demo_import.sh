#!/bin/bash
# What make demo SALES=file.csv makes of files as people have them: headers, separators, encodings, numbers, dates.
# Each case is a file and either the rows that must come out or a piece of the message that must be said.
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 1
n=0
bad=0
file=$CV_TMP/sales.csv

result()
{
	n=$((n + 1))
	if [ "$1" = "$2" ]
	then
		echo "ok $n - $3"
	else
		bad=$((bad + 1))
		echo "not ok $n - $3"
		printf 'expected: %s\n     got: %s\n' "$2" "$1" | sed 's/^/# /'
	fi
}

# import [VARIABLE=value...]: the file into a fresh database; what is said goes to $said
import()
{
	dropdb --if-exists cv_import 2> /dev/null
	createdb cv_import
	said=$(env PGDATABASE=cv_import "$@" demo/import "$file" 2>&1)
}

# reads WHAT ROWS [VARIABLE=value...]: the file is read into these rows
reads()
{
	import "${@:3}" || echo "# $said"
	result "$(psql -XAtq -d cv_import -c "SELECT string_agg(concat_ws('|', customer_id, sold_at::date, amount, order_id), ' '
		ORDER BY sold_at, order_id) FROM sales" 2>&1)" "$2" "$1"
}

# says WHAT PIECE [VARIABLE=value...]: the file is refused, and the message has the piece
says()
{
	if import "${@:3}"
	then
		result "read without complaint" "refused" "$1"
	else
		mentions "$1" "$2"
	fi
}

# mentions WHAT PIECE: the last message has the piece
mentions()
{
	case $said in
		*"$2"*) result yes yes "$1" ;;
		*) result "$said" "... $2 ..." "$1" ;;
	esac
}

printf 'Order ID,"Customer, ID",Order Date,Total\n1,a,2024-01-01,12.50\n2,"b ""B"", c",2024-01-02,"1,200.00"\n' > "$file"
says "an unknown column is refused" 'no column for AMOUNT=nonsense' AMOUNT=nonsense
mentions "the columns that are there are listed" 'Order ID, "Customer, ID", Order Date, Total'
reads "quoted headers and fields, thousands" 'a|2024-01-01|12.50|1 b "B", c|2024-01-02|1200.00|2'
reads "a column by name, in any case" '1|2024-01-01|12.50|1 2|2024-01-02|1200.00|2' CUSTOMER="order id"

printf '\xef\xbb\xbfKundennr;Datum;Menge;Einzelpreis\r\n7;31.12.2023;2;12,50\r\n"8;x";01.02.2024;1;1.200,00\r\n' > "$file"
reads "byte order mark, semicolons, carriage returns, decimal comma, day first, quantity x price" \
	'7|2023-12-31|25.00 8;x|2024-02-01|1200.00'
mentions "the decimal comma is said" 'decimal comma, as in 12,50'

printf 'client\tdate\tprice\nx\t03/04/2024\t5\ny\t05/06/2024\t-5\n' > "$file"
reads "tabs; price without quantity is the amount" 'x|2024-03-04|5 y|2024-05-06|-5'
mentions "an ambiguous date is pointed out" '03/04/2024 is 4 March 2024'
reads "the day first if told so" 'x|2024-04-03|5 y|2024-06-05|-5' DATES=DMY
says "an unknown order of dates" 'DATES=XYZ is not known' DATES=XYZ

printf 'client|sold on|line total\nM\xfcller|2024-01-01 10:30|\xa3 7\n' > "$file"
reads "Windows-1252, bars, a currency sign" 'Müller|2024-01-01|7'
printf 'client,date,total\nM\xc3\xbcller,2024-01-01,7\n' | iconv -f UTF-8 -t UTF-16 > "$file"
reads "UTF-16" 'Müller|2024-01-01|7'

printf 'client,date,total\nx,2024-01-01,7\n' | gzip > "$file"
reads "gzip" 'x|2024-01-01|7'

printf 'client,date,total,total\nx,2024-01-01,(3.50),1\n,2024-01-02,4,1\ny,2024-01-03,,1\nz,,5,1\n' > "$file"
reads "a name twice, brackets for minus, missing values" 'x|2024-01-01|-3.50 2024-01-02|4 y|2024-01-03 z|5'
printf 'client,date,total,note\nx,2024-01-01,3,"two\nlines"\ny,2024-01-02,4,\n' > "$file"
reads "a field of two lines" 'x|2024-01-01|3 y|2024-01-02|4'

printf 'client,date,total\nx,2024-01-01,5\nx,soon,6\n' > "$file"
says "a wrong date, with its line" 'Line 3 of'
mentions "the wrong date is shown" '"soon" in column date is not a date'
printf 'client,date,total\nx,2024-01-01,5\nx,2024-01-02,six\n' > "$file"
says "a wrong amount, with its line" 'Line 3 of'
mentions "the wrong amount is shown" '"six" in column total is not a number'
printf 'client,date,total\nx,31/01/2024,5\nx,01/31/2024,6\n' > "$file"
says "two orders of dates" 'mixes dates'
printf 'client,date,total\nx,2024-01-01,5\nx,2024-01-02\n' > "$file"
says "a short line" 'line 3 of the file'
printf 'who,when,what\nx,2024-01-01,5\n' > "$file"
says "nothing is recognised" 'Its columns are: who, when, what'
mentions "how to name the columns" 'CUSTOMER=name DATE=name AMOUNT=name'
printf 'client,date,total\n' > "$file"
says "no lines" 'no lines below'
printf 'client,date,total\n,,\n' > "$file"
says "no usable line" 'No line of'
printf 'client\nx\n' > "$file"
says "one column" 'one column only'
printf 'PK\x03\x04 and so on' > "$file"
says "a spreadsheet" 'save it as CSV'
: > "$file"
says "an empty file" 'is empty'
rm "$file"
says "no file" 'There is no file'

dropdb --if-exists cv_import
echo "1..$n"
[ $bad = 0 ]
