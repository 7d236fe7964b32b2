(000) ldh      [12]
(001) jeq      #0x800           jt 2	jf 30
(002) ldb      [14]
(003) and      #0xf
(004) mul      #4
(005) st       M[3]
(006) ldxb     4*([14]&0xf)
(007) ldb      [x + 26]
(008) div      #4
(009) tax      
(010) ld       M[3]
(011) add      x
(012) sub      #3
(013) st       M[7]
(014) ld       #pktlen
(015) mod      #100
(016) tax      
(017) ld       M[7]
(018) jgt      x                jt 19	jf 30
(019) ldb      [15]
(020) or       #0x2
(021) lsh      #1
(022) st       M[12]
(023) ldb      [0]
(024) xor      #0xff
(025) rsh      #1
(026) tax      
(027) ld       M[12]
(028) jeq      x                jt 30	jf 29
(029) ret      #262144
(030) ret      #0
