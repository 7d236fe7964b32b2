(000) ldh      [12]
(001) jeq      #0x800           jt 2	jf 15
(002) ld       [26]
(003) jeq      #0xc0000207      jt 6	jf 4
(004) ld       [30]
(005) jeq      #0xc0000207      jt 6	jf 15
(006) ldb      [23]
(007) jeq      #0x6             jt 8	jf 15
(008) ldh      [20]
(009) jset     #0x1fff          jt 15	jf 10
(010) ldxb     4*([14]&0xf)
(011) ldb      [x + 27]
(012) and      #0x12
(013) jeq      #0x2             jt 14	jf 15
(014) ret      #262144
(015) ret      #0
