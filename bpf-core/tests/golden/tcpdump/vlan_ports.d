(000) ldh      [12]
(001) jeq      #0x8100          jt 4	jf 2
(002) jeq      #0x88a8          jt 4	jf 3
(003) jeq      #0x9100          jt 4	jf 33
(004) ldh      [14]
(005) and      #0xfff
(006) jeq      #0x7             jt 7	jf 33
(007) ldh      [16]
(008) jeq      #0x86dd          jt 9	jf 20
(009) ldb      [24]
(010) jeq      #0x11            jt 11	jf 16
(011) ldh      [58]
(012) jge      #0x3e8           jt 13	jf 14
(013) jgt      #0x7d0           jt 14	jf 32
(014) ldh      [60]
(015) jge      #0x3e8           jt 31	jf 33
(016) jeq      #0x3a            jt 32	jf 17
(017) jeq      #0x2c            jt 18	jf 33
(018) ldb      [58]
(019) jeq      #0x3a            jt 32	jf 33
(020) jeq      #0x800           jt 21	jf 33
(021) ldb      [27]
(022) jeq      #0x11            jt 23	jf 33
(023) ldh      [24]
(024) jset     #0x1fff          jt 33	jf 25
(025) ldxb     4*([18]&0xf)
(026) ldh      [x + 18]
(027) jge      #0x3e8           jt 28	jf 29
(028) jgt      #0x7d0           jt 29	jf 32
(029) ldh      [x + 20]
(030) jge      #0x3e8           jt 31	jf 33
(031) jgt      #0x7d0           jt 33	jf 32
(032) ret      #262144
(033) ret      #0
