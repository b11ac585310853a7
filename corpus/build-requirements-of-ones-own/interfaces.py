import netifaces

print(netifaces.interfaces())
