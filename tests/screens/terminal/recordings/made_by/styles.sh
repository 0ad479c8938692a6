for i in 0 1 2 3 4 5 6 7; do printf '\033[3%sm %s \033[9%sm %s \033[4%sm %s \033[10%sm %s \033[0m' $i $i $i $i $i $i $i $i; done; echo
for a in 1 2 3 4 5 7 9 '1;3;4' '4:3'; do printf '\033[%smstyle %s\033[0m ' "$a" "$a"; done; echo
i=16; while [ $i -lt 232 ]; do printf '\033[48;5;%sm \033[0m' $i; i=$((i+3)); done; echo
i=0; while [ $i -lt 250 ]; do printf '\033[38;2;%s;128;%sm#\033[0m' $i $((255-i)); i=$((i+5)); done; echo
i=0; while [ $i -lt 250 ]; do printf '\033[38:2::%s:128:%sm#\033[m' $i $((255-i)); i=$((i+5)); done; echo
printf '\033[41mback\033[K\033[0m\n\033(0lqqqk\nx   x\nmqqqj\033(B\n'
printf '日本語 e\xcc\x81 wide\tand\ttabs\n\033[3g\033[5G\033H\033[12G\033H\r\ta\tb\n\033[?25l\033[?25h'
printf 'bar 10%%\rbar 50%%\rbar done\n\033[2;5r\033[5;1Hone\ntwo\nthree\033[r\033[20;1Hlast \342\202'
printf '\254 end\n'
