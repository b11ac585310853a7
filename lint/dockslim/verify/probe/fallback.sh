# Runs inside an image that has a shell and no Python: packages, user and setuid files, one a line.
t=$(printf '\t')
if [ -r /var/lib/dpkg/status ]; then
  n= v= s= k=
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      "Package: "*) n=${line#Package: } v= s= k= ;;
      "Status: "*" installed") k=1 ;;
      "Version: "*) v=${line#Version: } ;;
      "Installed-Size: "*) s=${line#Installed-Size: } ;;
      "") [ -n "$n" ] && [ -n "$k" ] && echo "package${t}dpkg${t}$n${t}$v${t}$s"; n= ;;
    esac
  done < /var/lib/dpkg/status
  [ -n "$n" ] && [ -n "$k" ] && echo "package${t}dpkg${t}$n${t}$v${t}$s"
fi
for db in /lib/apk/db/installed /usr/lib/apk/db/installed; do
  [ -r "$db" ] || continue
  n= v= s=
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      P:*) n=${line#P:} v= s= ;;
      V:*) v=${line#V:} ;;
      I:*) s=${line#I:} ;;
      "") [ -n "$n" ] && echo "package${t}apk${t}$n${t}$v${t}$s"; n= ;;
    esac
  done < "$db"
done
if command -v rpm >/dev/null 2>&1; then
  rpm -qa --qf "package${t}rpm${t}%{NAME}${t}%{VERSION}-%{RELEASE}${t}%{SIZE}\n" 2>/dev/null
fi
command -v id >/dev/null 2>&1 && echo "uid${t}$(id -u)"
if command -v find >/dev/null 2>&1; then
  find / -xdev -type f \( -perm -4000 -o -perm -2000 \) 2>/dev/null | while IFS= read -r f; do echo "setuid${t}$f"; done
fi
echo "done${t}dockslim"
